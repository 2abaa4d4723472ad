#include "kernel_events.h"

#include <array>
#include <set>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/inotify.h>

KernelEvents::KernelEvents(grpc::CompletionQueue &queue)
    : queue_(queue), epoll_(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"),
      inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify_init1") {
    watch_descriptor(inotify_.number(), [this] { read_changes(); });
    waiter_ = std::jthread([this] { wait(); });
    // It ends with the process.
    waiter_.detach();
}

int KernelEvents::watch_file(const std::string &path, Handler changed) {
    int watch = inotify_add_watch(inotify_.number(), path.c_str(), IN_MODIFY);
    if (watch < 0) fail("inotify_add_watch");
    files_[watch] = std::move(changed);
    return watch;
}

void KernelEvents::forget_file(int watch) {
    files_.erase(watch);
    inotify_rm_watch(inotify_.number(), watch);
}

void KernelEvents::watch_descriptor(int descriptor, Handler ready) {
    epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
    descriptors_[descriptor] = std::move(ready);
}

void KernelEvents::forget_descriptor(int descriptor) {
    epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
    descriptors_.erase(descriptor);
}

// Waits on a thread of its own that there is news, and again when they have been dealt with: while
// the queue is busy, they gather.
void KernelEvents::wait() {
    for (;;) {
        epoll_event event;
        if (epoll_wait(epoll_.number(), &event, 1, -1) < 1) continue;
        alarm_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), static_cast<Tag *>(this));
        dealt_with_.acquire();
    }
}

void KernelEvents::complete(bool) { has_come_ = true; }

void KernelEvents::deal_with() {
    std::array<epoll_event, 64> events;
    int count = epoll_wait(epoll_.number(), events.data(), events.size(), 0);
    for (int index = 0; index < count; index++) {
        auto found = descriptors_.find(events[index].data.fd);
        if (found == descriptors_.end()) continue;
        // It may forget itself.
        Handler ready = found->second;
        ready();
    }
    has_come_ = false;
    dealt_with_.release();
}

void KernelEvents::read_changes() {
    alignas(inotify_event) std::array<char, 64 << 10> buffer;
    std::set<int> changed;
    ssize_t size = read(inotify_.number(), buffer.data(), buffer.size());
    for (ssize_t offset = 0; offset < size;) {
        auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + offset);
        // Followers would wait for ever for what was lost.
        if (event->mask & IN_Q_OVERFLOW) throw std::runtime_error("inotify: events were lost");
        if (event->mask & IN_MODIFY) changed.insert(event->wd);
        offset += static_cast<ssize_t>(sizeof *event + event->len);
    }
    for (int watch : changed) {
        auto found = files_.find(watch);
        if (found != files_.end()) found->second();
    }
}
