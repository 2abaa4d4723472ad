#include "loop.h"

#include "tag.h"

void Loop::run() {
    // As long as something has ended, gRPC does not look at its sockets: who sends would keep all
    // others from being heard.
    constexpr int events_between_looks = 32;
    for (int taken = 1;; taken++) {
        // Followers are woken when all are done with what they were woken for before.
        if (!take_one()) events_.deal_with();
        if (taken % events_between_looks == 0) look_at_sockets();
    }
}

// Waits, unless there is news from the kernel; answers whether anything has ended.
bool Loop::take_one() {
    void *tag;
    bool ok;
    gpr_timespec deadline = events_.has_come() ? gpr_inf_past(GPR_CLOCK_MONOTONIC)
                                               : gpr_inf_future(GPR_CLOCK_MONOTONIC);
    if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
    static_cast<Tag *>(tag)->complete(ok);
    return true;
}

// To wait for any queue is to look at all sockets (with gRPC's poller `epoll1`, which is what Linux
// has), and nothing ever ends in this one.
void Loop::look_at_sockets() {
    void *tag;
    bool ok;
    empty_.AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
}
