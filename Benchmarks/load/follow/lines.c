#include "lines.h"

#include <err.h>
#include <stdlib.h>

/* False if the line is longer than any. */
static bool keep(struct lines *lines, const uint8_t *bytes, size_t size) {
    if (size > line_most - lines->cut_size) return false;
    if (lines->cut == NULL && (lines->cut = malloc(line_most)) == NULL) err(1, "malloc");
    memcpy(lines->cut + lines->cut_size, bytes, size);
    lines->cut_size += size;
    return true;
}

static enum lines_event judge(
    struct lines *lines, const uint8_t *bytes, size_t size, struct line *line) {
    bool is_right = line_read(bytes, size, line);
    if (is_right && lines->knows_number) is_right = line->number == lines->next_number;
    lines->next_number = line->number + 1;
    lines->knows_number = true;
    return is_right ? lines_whole : lines_wrong;
}

static enum lines_event take_line(
    struct lines *lines, const uint8_t *bytes, size_t size, struct line *line) {
    if (lines->cut_size == 0) return judge(lines, bytes, size, line);
    bool fits = keep(lines, bytes, size);
    size_t whole = lines->cut_size;
    lines->cut_size = 0;
    return fits ? judge(lines, lines->cut, whole, line) : lines_wrong;
}

enum lines_event lines_next(
    struct lines *lines, const uint8_t **bytes, const uint8_t *end, struct line *line) {
    while (*bytes < end) {
        const uint8_t *start = *bytes;
        const uint8_t *newline = memchr(start, '\n', (size_t)(end - start));
        *bytes = newline == NULL ? end : newline + 1;
        size_t size = (size_t)(*bytes - start);
        if (!lines->at_line) {
            lines->at_line = newline != NULL;
        } else if (newline != NULL) {
            return take_line(lines, start, size, line);
        } else if (!keep(lines, start, size)) {
            lines_skip(lines);
            return lines_wrong;
        }
    }
    return lines_more;
}

void lines_skip(struct lines *lines) {
    lines->at_line = lines->knows_number = false;
    lines->cut_size = 0;
}
