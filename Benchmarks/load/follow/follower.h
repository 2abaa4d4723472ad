/* One who follows a job, or fetches a file: what has come, and whether it is what should. */
#ifndef FOLLOW_FOLLOWER_H
#define FOLLOW_FOLLOWER_H

#include "histogram.h"
#include "lines.h"
#include "output.h"
#include "plan.h"

#include <stdatomic.h>
#include <xxhash.h>

/* How a call has ended: a status of gRPC or, of a file, HTTP; or one of these. */
enum outcome {
    outcome_status_most = 599,
    /* With no status at all. */
    outcome_none,
    outcome_reset,
    /* With the connection. */
    outcome_closed,
    /* It has not; we left. */
    outcome_left,
    outcome_count,
};

/* Of which lines the latency is measured: those written between two moments. Zero: not known. */
struct span {
    _Atomic uint64_t begin;
    _Atomic uint64_t end;
};

/* What the followers of one thread have in common. */
struct tally {
    const struct plan *plan;
    const struct span *span;
    /* When they asked, when the bytes that are being read were decrypted, and when the last was
     * done, in nanoseconds. */
    uint64_t asked, moment, ended;
    /* How many have an answer, and how many are done. */
    size_t answered, done;
    uint64_t lines;
    struct histogram first_byte, latency;
};

struct follower {
    struct tally *tally;
    size_t job;
    int32_t stream;
    bool is_answered, is_done, has_end, is_at_known_offset;
    int status;
    enum outcome outcome;
    /* When something came last, 0 before the first, and the longest wait for it or for the end. */
    uint64_t heard, longest_gap;
    uint64_t next_offset;
    uint64_t bytes, lost, repeated, gaps, dropped, wrong_lines;
    struct output_parser parser;
    struct lines lines;
    XXH3_state_t *hash;
};

void follower_begin(struct follower *follower, struct tally *tally, size_t job);

void follower_take_header(
    struct follower *follower, const uint8_t *name, size_t name_size, const uint8_t *value);

/* Says what is wrong with bytes that make no sense, and exits. */
void follower_take_bytes(struct follower *follower, const uint8_t *bytes, size_t size);

/* The call is over, or given up. */
void follower_end(struct follower *follower, enum outcome outcome);

#endif
