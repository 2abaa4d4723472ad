#ifndef CURING_SHIM_H
#define CURING_SHIM_H

/* Before liburing.h defines _XOPEN_SOURCE: with it fd_set would have other members than elsewhere, and
 * Swift takes one definition of a type. features.h listens only once. */
#include <features.h>

#include <liburing.h>

/* What the kernel says of an entry, without the array of no fixed size at the end of io_uring_cqe. */
struct curing_completion {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};

/* Moves completions out of the ring and makes room for others: what io_uring_for_each_cqe, a macro
 * with a loop in it, is for. Answers how many there were, at most `capacity`; asks no kernel. */
static inline unsigned curing_take(
    struct io_uring *ring, struct curing_completion *completions, unsigned capacity) {
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    io_uring_for_each_cqe(ring, head, cqe) {
        if (count == capacity) break;
        completions[count++] = (struct curing_completion){cqe->user_data, cqe->res, cqe->flags};
    }
    io_uring_cq_advance(ring, count);
    return count;
}

#endif
