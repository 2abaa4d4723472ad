// The peer's only thread that does anything: takes from the completion queue what has ended, and
// what came from the kernel.
#ifndef PEER_LOOP_H
#define PEER_LOOP_H

#include "kernel_events.h"

#include <grpcpp/completion_queue.h>

class Loop {
public:
    Loop(grpc::CompletionQueue &queue, KernelEvents &events) : queue_(queue), events_(events) {}

    // Does not return.
    void run();

private:
    bool take_one();
    void look_at_sockets();

    grpc::CompletionQueue &queue_;
    KernelEvents &events_;
    grpc::CompletionQueue empty_;
};

#endif
