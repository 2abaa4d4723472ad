#define _GNU_SOURCE
#include "follower.h"

#include <err.h>
#include <stdlib.h>

void follower_begin(struct follower *follower, struct tally *tally, size_t job) {
    follower->tally = tally;
    follower->job = job;
    follower->status = outcome_none;
    follower->outcome = outcome_left;
    follower->is_at_known_offset = tally->plan->mode != mode_lines;
    if (tally->plan->mode != mode_whole) return;
    follower->hash = XXH3_createState();
    if (follower->hash == NULL) err(1, "XXH3_createState");
    XXH3_64bits_reset(follower->hash);
}

/* Of each follower alone: others of its connection or thread may go on without it. */
static void note_gap(struct follower *follower) {
    const struct tally *tally = follower->tally;
    uint64_t gap = tally->moment - (follower->heard == 0 ? tally->asked : follower->heard);
    if (gap > follower->longest_gap) follower->longest_gap = gap;
    follower->heard = tally->moment;
}

static void be_done(struct follower *follower) {
    if (follower->is_done) return;
    note_gap(follower);
    follower->is_done = true;
    follower->tally->done++;
    follower->tally->ended = follower->tally->moment;
}

/* ---- Lines ---- */

static void note_line(struct follower *follower, const struct line *line) {
    struct tally *tally = follower->tally;
    /* In this order: the end is set last. */
    uint64_t end = atomic_load_explicit(&tally->span->end, memory_order_acquire);
    uint64_t begin = atomic_load_explicit(&tally->span->begin, memory_order_acquire);
    if (end == 0 || line->stamp < begin) return;
    /* All that were written before have come, then. */
    if (line->stamp >= end) return be_done(follower);
    tally->lines++;
    uint64_t moment = tally->moment;
    histogram_note(&tally->latency, moment > line->stamp ? moment - line->stamp : 0);
}

static void take_lines(struct follower *follower, const uint8_t *bytes, size_t size) {
    const uint8_t *end = bytes + size;
    struct line line;
    enum lines_event event;
    while ((event = lines_next(&follower->lines, &bytes, end, &line)) != lines_more) {
        if (event == lines_whole) note_line(follower, &line);
        else follower->wrong_lines++;
    }
}

/* ---- Output ---- */

static void take_piece(struct follower *follower, const uint8_t *bytes, size_t size) {
    struct tally *tally = follower->tally;
    if (follower->bytes == 0) histogram_note(&tally->first_byte, tally->moment - tally->asked);
    note_gap(follower);
    follower->bytes += size;
    if (follower->hash != NULL) XXH3_64bits_update(follower->hash, bytes, size);
    if (tally->plan->mode == mode_lines) take_lines(follower, bytes, size);
}

/* Ranges and gaps must follow each other exactly. */
static void take_message(struct follower *follower, const struct output_message *message) {
    if (follower->has_end) errx(1, "follower: a message after the end");
    follower->has_end = message->has_end;
    /* Not every server says where the end is. */
    if (message->has_end && !message->has_offset) return;
    uint64_t expected = follower->is_at_known_offset ? follower->next_offset : message->offset;
    if (message->offset > expected) follower->lost += message->offset - expected;
    else follower->repeated += expected - message->offset;
    follower->next_offset = message->offset + message->data_size + message->gap_size;
    follower->is_at_known_offset = true;
    follower->gaps += message->gap_size;
    follower->dropped += message->dropped;
    if (message->has_gap) lines_skip(&follower->lines);
}

void follower_take_bytes(struct follower *follower, const uint8_t *bytes, size_t size) {
    if (follower->tally->plan->path != NULL) return take_piece(follower, bytes, size);
    struct output_parser *parser = &follower->parser;
    const uint8_t *end = bytes + size;
    for (;;) {
        switch (output_next(parser, &bytes, end)) {
        case output_more: return;
        case output_piece: take_piece(follower, parser->piece, parser->piece_size); break;
        case output_complete: take_message(follower, &parser->message); break;
        case output_broken:
            errx(
                1, "%s, after %lu bytes of job %s", parser->problem, follower->bytes,
                follower->tally->plan->jobs[follower->job].id);
        }
    }
}

/* ---- Answers ---- */

static bool is_name(const uint8_t *name, size_t size, const char *wanted) {
    return size == strlen(wanted) && memcmp(name, wanted, size) == 0;
}

/* A header's value ends with a zero: nghttp2_on_header_callback. */
static int status_of(const uint8_t *value) {
    long status = strtol((const char *)value, NULL, 10);
    return status >= 0 && status <= outcome_status_most ? (int)status : outcome_none;
}

void follower_take_header(
    struct follower *follower, const uint8_t *name, size_t name_size, const uint8_t *value) {
    if (is_name(name, name_size, ":status")) {
        if (!follower->is_answered) follower->tally->answered++;
        follower->is_answered = true;
        int status = status_of(value);
        if (follower->tally->plan->path != NULL || status != 200) follower->status = status;
    } else if (is_name(name, name_size, "grpc-status")) {
        follower->status = status_of(value);
    } else if (is_name(name, name_size, "grpc-message")) {
        warnx("the server says: %s", value);
    }
}

void follower_end(struct follower *follower, enum outcome outcome) {
    if (follower->outcome != outcome_left) return;
    follower->outcome = outcome;
    be_done(follower);
}
