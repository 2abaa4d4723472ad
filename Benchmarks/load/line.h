/* Lines that tell when they were written, which they are, and whether they arrived whole.
 *
 * Sixteen hexadecimal digits each: nanoseconds of CLOCK_MONOTONIC, the number of the line, padding,
 * then XXH3-64 of all that stands before it. */
#ifndef LOAD_LINE_H
#define LOAD_LINE_H

#define XXH_INLINE_ALL
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

enum {
    line_digits = 16,
    line_stamp = 0,
    line_number = line_digits + 1,
    line_padding = 2 * (line_digits + 1),
    /* With the newline. */
    line_least = line_padding + line_digits + 1,
    /* PIPE_BUF: a longer one could be torn where it is written. */
    line_most = 4096,
};

struct line {
    uint64_t stamp;
    uint64_t number;
};

static inline void line_put_digits(uint8_t *place, uint64_t value) {
    for (int digit = line_digits - 1; digit >= 0; digit--, value >>= 4)
        place[digit] = (uint8_t)"0123456789abcdef"[value & 15];
}

/* Fills `width` bytes, the newline among them. */
static inline void line_write(uint8_t *place, size_t width, struct line line) {
    size_t sum = width - line_digits - 1;
    line_put_digits(place + line_stamp, line.stamp);
    line_put_digits(place + line_number, line.number);
    place[line_number - 1] = place[line_padding - 1] = ' ';
    memset(place + line_padding, '.', sum - line_padding);
    line_put_digits(place + sum, XXH3_64bits(place, sum));
    place[width - 1] = '\n';
}

/* False if a digit is none. */
static inline bool line_take_digits(const uint8_t *place, uint64_t *value) {
    uint8_t wrong = 0;
    *value = 0;
    for (int digit = 0; digit < line_digits; digit++) {
        uint8_t character = place[digit];
        uint8_t low = (uint8_t)(character - '0'), high = (uint8_t)(character - 'a');
        wrong |= low > 9 && high > 5;
        *value = *value << 4 | (low <= 9 ? low : high + 10u);
    }
    return !wrong;
}

/* Reads a line, given with its newline; false if it is not what was written. */
static inline bool line_read(const uint8_t *place, size_t width, struct line *line) {
    uint64_t told;
    size_t sum = width - line_digits - 1;
    return width >= line_least && line_take_digits(place + line_stamp, &line->stamp) &&
           line_take_digits(place + line_number, &line->number) &&
           line_take_digits(place + sum, &told) && told == XXH3_64bits(place, sum);
}

#endif
