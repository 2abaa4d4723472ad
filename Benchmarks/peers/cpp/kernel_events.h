// News from the kernel that gRPC's completion queue does not know of: files that have grown,
// processes that have ended, signals. All of it is dealt with on the queue's only thread.
#ifndef PEER_KERNEL_EVENTS_H
#define PEER_KERNEL_EVENTS_H

#include "descriptor.h"
#include "tag.h"

#include <functional>
#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>
#include <semaphore>
#include <string>
#include <thread>
#include <unordered_map>

class KernelEvents final : private Tag {
public:
    using Handler = std::function<void()>;

    explicit KernelEvents(grpc::CompletionQueue &queue);
    KernelEvents(const KernelEvents &) = delete;

    // Whether there is news. It has been a tag of the queue; what the queue still has comes first.
    bool has_come() const { return has_come_; }
    void deal_with();

    // Begins to tell of a file's changes; answers what `forget_file` wants.
    int watch_file(const std::string &path, Handler changed);
    void forget_file(int watch);

    // Tells of readiness to read for as long as the descriptor is open.
    void watch_descriptor(int descriptor, Handler ready);
    void forget_descriptor(int descriptor);

private:
    void wait();
    void complete(bool ok) override;
    void read_changes();

    grpc::CompletionQueue &queue_;
    grpc::Alarm alarm_;
    Descriptor epoll_;
    Descriptor inotify_;
    std::unordered_map<int, Handler> files_;
    std::unordered_map<int, Handler> descriptors_;
    bool has_come_ = false;
    std::binary_semaphore dealt_with_{0};
    std::jthread waiter_;
};

#endif
