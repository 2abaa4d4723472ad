/* Finds the lines of line.h in output, however it is cut, and sees that none is missing. */
#ifndef FOLLOW_LINES_H
#define FOLLOW_LINES_H

#include "../line.h"

enum lines_event { lines_more, lines_whole, lines_wrong };

/* All zero in the beginning, which may be amid a line. */
struct lines {
    /* The beginning of a line whose end has not come. */
    uint8_t *cut;
    size_t cut_size;
    bool at_line;
    bool knows_number;
    uint64_t next_number;
};

/* Takes bytes from `*bytes` up to `end` until there is a whole line. It is wrong if it is not what
 * was written or does not follow the one before. */
enum lines_event lines_next(
    struct lines *lines, const uint8_t **bytes, const uint8_t *end, struct line *line);

/* Bytes are missing here. */
void lines_skip(struct lines *lines);

#endif
