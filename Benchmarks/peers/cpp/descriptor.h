#ifndef PEER_DESCRIPTOR_H
#define PEER_DESCRIPTOR_H

#include "failure.h"

#include <string>
#include <unistd.h>
#include <utility>

// A file descriptor, closed with its owner.
class Descriptor {
public:
    // Takes what a system call has answered.
    Descriptor(int number, const std::string &what) : number_(number) {
        if (number < 0) fail(what);
    }
    Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor &operator=(Descriptor &&) = delete;
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }

    int number() const { return number_; }

private:
    int number_;
};

#endif
