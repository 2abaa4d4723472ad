#ifndef PEER_FAILURE_H
#define PEER_FAILURE_H

#include <cerrno>
#include <string>
#include <system_error>

// Throws what errno says of a system call that has just failed.
[[noreturn]] inline void fail(const std::string &what) {
    throw std::system_error(errno, std::generic_category(), what);
}

#endif
