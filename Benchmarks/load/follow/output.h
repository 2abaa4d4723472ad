/* Reads the gRPC messages of GetOutput by hand, however they are cut: 64 KiB of output go to
 * whoever counts them without being copied. */
#ifndef FOLLOW_OUTPUT_H
#define FOLLOW_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All of a cmdctl.v1.GetOutputResponse but the bytes themselves. */
struct output_message {
    uint64_t offset;
    uint64_t data_size;
    /* Of all runs together. */
    uint64_t runs_size;
    uint64_t gap_size;
    uint64_t dropped;
    bool has_offset, has_data, has_runs, has_gap, has_end;
};

enum output_event {
    /* All bytes were taken. */
    output_more,
    /* `piece` is some of the data of a message that is not complete. */
    output_piece,
    /* `message` is complete. */
    output_complete,
    /* `problem` says why this is none; nothing can follow. */
    output_broken,
};

enum output_state { at_head, at_key, at_number, at_length, in_data, in_part, in_other };

/* All zero in the beginning. */
struct output_parser {
    struct output_message message;
    const uint8_t *piece;
    size_t piece_size;
    const char *problem;

    enum output_state state;
    uint32_t field;
    /* Bytes to come of the message, and of the field. */
    uint32_t left, field_left;
    /* A number of which the first bits have come. */
    uint64_t number;
    unsigned bits;
    /* What must be whole to be read: the head of a message, a run, a gap. */
    uint8_t part[64];
    uint32_t part_size;
};

/* Takes bytes from `*bytes` up to `end` until there is something to say. */
enum output_event output_next(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end);

#endif
