#include "output.h"

#include <string.h>

/* Of cmdctl.v1.GetOutputResponse, and of the parts of it that are read. */
enum { field_offset = 1, field_data = 2, field_runs = 3, field_gap = 4, field_end = 5 };
enum { run_length = 1 };
enum { gap_length = 1, gap_dropped = 3 };
enum { wire_number = 0, wire_bytes = 2 };
/* protobuf.dev/programming-guides/encoding; github.com/grpc/grpc, PROTOCOL-HTTP2.md */
enum { head_size = 5, message_most = 4 << 20, fields_read = 4 };

static enum output_event broken(struct output_parser *parser, const char *problem) {
    parser->problem = problem;
    return output_broken;
}

static uint32_t shorter(uint32_t left, const uint8_t *bytes, const uint8_t *end) {
    return (size_t)(end - bytes) < left ? (uint32_t)(end - bytes) : left;
}

/* Fills `part` up to `size`; true when it is there. */
static bool gather(
    struct output_parser *parser, uint32_t size, const uint8_t **bytes, const uint8_t *end) {
    uint32_t count = shorter(size - parser->part_size, *bytes, end);
    memcpy(parser->part + parser->part_size, *bytes, count);
    parser->part_size += count;
    *bytes += count;
    if (parser->part_size < size) return false;
    parser->part_size = 0;
    return true;
}

static enum output_event take_head(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end) {
    if (!gather(parser, head_size, bytes, end)) return output_more;
    const uint8_t *head = parser->part;
    if (head[0] != 0) return broken(parser, "a compressed message");
    parser->left = 0;
    for (int byte = 1; byte < head_size; byte++) parser->left = parser->left << 8 | head[byte];
    if (parser->left > message_most) return broken(parser, "a message of more than 4 MiB");
    parser->message = (struct output_message){0};
    parser->state = at_key;
    return output_more;
}

/* Adds bits to `number`; true when it is whole. */
static bool take_number(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end) {
    while (*bytes < end && parser->left > 0 && parser->bits < 64) {
        uint8_t byte = *(*bytes)++;
        parser->left--;
        parser->number |= (uint64_t)(byte & 127) << parser->bits;
        parser->bits += 7;
        if (byte < 128) return true;
    }
    return false;
}

static enum output_event use_key(struct output_parser *parser, uint64_t key) {
    parser->field = (uint32_t)(key >> 3);
    switch (key & 7) {
    case wire_number: parser->state = at_number; return output_more;
    case wire_bytes: parser->state = at_length; return output_more;
    default: return broken(parser, "a field of a kind that GetOutputResponse has not");
    }
}

static enum output_event use_length(struct output_parser *parser, uint64_t length) {
    if (length > parser->left) return broken(parser, "a field longer than its message");
    parser->field_left = (uint32_t)length;
    switch (parser->field) {
    case field_data:
        if (parser->message.has_data) return broken(parser, "a message with data twice");
        parser->message.has_data = true;
        parser->message.data_size = length;
        parser->state = in_data;
        break;
    case field_runs:
    case field_gap:
        if (length > sizeof parser->part) return broken(parser, "a run or gap of many bytes");
        parser->state = in_part;
        break;
    default:
        parser->message.has_end |= parser->field == field_end;
        parser->state = in_other;
    }
    return output_more;
}

static enum output_event use_number(struct output_parser *parser) {
    uint64_t number = parser->number;
    parser->number = 0;
    parser->bits = 0;
    if (parser->state == at_key) return use_key(parser, number);
    if (parser->state == at_length) return use_length(parser, number);
    if (parser->field == field_offset) parser->message.offset = number;
    parser->message.has_offset |= parser->field == field_offset;
    parser->state = at_key;
    return output_more;
}

/* The first fields of a run or gap that are numbers; false if it is neither. */
static bool read_fields(const uint8_t *bytes, size_t size, uint64_t fields[fields_read]) {
    size_t place = 0;
    while (place < size) {
        uint8_t key = bytes[place++];
        uint64_t number = 0;
        for (unsigned bits = 0;; bits += 7) {
            if (place == size || bits >= 64) return false;
            number |= (uint64_t)(bytes[place] & 127) << bits;
            if (bytes[place++] < 128) break;
        }
        if ((key & 7) == wire_number && key >> 3 < fields_read) fields[key >> 3] = number;
        else if ((key & 7) == wire_bytes && number <= size - place) place += number;
        else return false;
    }
    return true;
}

static enum output_event take_part(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end) {
    uint32_t before = parser->part_size, size = parser->field_left;
    bool whole = gather(parser, size, bytes, end);
    parser->left -= (whole ? size : parser->part_size) - before;
    if (!whole) return output_more;
    uint64_t fields[fields_read] = {0};
    if (!read_fields(parser->part, size, fields))
        return broken(parser, "a run or gap that is none");
    if (parser->field == field_runs) {
        parser->message.has_runs = true;
        parser->message.runs_size += fields[run_length];
    } else {
        parser->message.has_gap = true;
        parser->message.gap_size = fields[gap_length];
        parser->message.dropped = fields[gap_dropped];
    }
    parser->state = at_key;
    return output_more;
}

static enum output_event take_bytes(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end) {
    bool is_data = parser->state == in_data;
    parser->piece = *bytes;
    parser->piece_size = shorter(parser->field_left, *bytes, end);
    *bytes += parser->piece_size;
    parser->left -= (uint32_t)parser->piece_size;
    parser->field_left -= (uint32_t)parser->piece_size;
    if (parser->field_left == 0) parser->state = at_key;
    return is_data && parser->piece_size > 0 ? output_piece : output_more;
}

/* Some of it makes sense, but not all together. */
static enum output_event finish(struct output_parser *parser) {
    const struct output_message *message = &parser->message;
    parser->state = at_head;
    if (message->has_data + message->has_gap + message->has_end != 1)
        return broken(parser, "a message that is not one of data, gap and end");
    if (message->has_runs && message->runs_size != message->data_size)
        return broken(parser, "runs that are longer or shorter than the data");
    return output_complete;
}

static enum output_event step(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end) {
    switch (parser->state) {
    case at_head: return take_head(parser, bytes, end);
    case in_part: return take_part(parser, bytes, end);
    case in_data:
    case in_other: return take_bytes(parser, bytes, end);
    default: break;
    }
    if (take_number(parser, bytes, end)) return use_number(parser);
    if (parser->left == 0 || parser->bits >= 64)
        return broken(parser, "a number that does not end");
    return output_more;
}

enum output_event output_next(
    struct output_parser *parser, const uint8_t **bytes, const uint8_t *end) {
    for (;;) {
        const uint8_t *place = *bytes;
        enum output_state state = parser->state;
        if (state == at_key && parser->left == 0 && parser->bits == 0) return finish(parser);
        enum output_event event = step(parser, bytes, end);
        if (event != output_more) return event;
        /* A field may be empty, so that a step needs no bytes. */
        if (*bytes == place && parser->state == state) return output_more;
    }
}
