// A log that is followed: what all its followers share. Open and watched for as long as one has it.
#ifndef PEER_TAIL_H
#define PEER_TAIL_H

#include "chunk.h"
#include "descriptor.h"
#include "kernel_events.h"

#include <cstdint>
#include <string>
#include <vector>

class Tail {
public:
    // Somebody who has read all there is.
    class Waiter {
    public:
        virtual void wake() = 0;

    protected:
        ~Waiter() = default;
    };

    Tail(const std::string &path, KernelEvents &events);
    Tail(const Tail &) = delete;
    ~Tail();

    uint64_t size() const { return size_; }

    // Some of what stands from an offset on; there must be something.
    const Chunk &read(uint64_t offset);

    // Wakes once when there is more, or when the job has ended.
    void wait(Waiter *waiter) { waiting_.push_back(waiter); }
    void forget(Waiter *waiter) { std::erase(waiting_, waiter); }

    // Looks at the size again, and wakes all that wait.
    void update();

private:
    KernelEvents &events_;
    Descriptor file_;
    int watch_;
    uint64_t size_ = 0;
    Chunk latest_;
    std::vector<Waiter *> waiting_;
};

#endif
