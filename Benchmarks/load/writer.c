/* What the jobs of the benchmarks do.
 *
 *   writer bulk BYTES SEED [NOTE]
 *       Writes bytes that only the seed decides. With NOTE it writes a line, waits until that file
 *       is there, and puts into it in the end how many seconds the bytes took.
 *   writer lines PER_SECOND WIDTH SECONDS [FILE]
 *       Writes lines of line.h, each at its own moment; ends earlier if that file is gone.
 *   writer hold
 *       Writes a line, and waits for a signal.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "line.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { block = 64 << 10, second = 1000000000, glances_per_second = 10 };

static void write_all(const void *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, size);
        if (count < 0) err(1, "write");
        bytes = (const char *)bytes + count;
        size -= (size_t)count;
    }
}

static uint64_t number(const char *text, const char *what) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *text == '-' || end == text || *end != 0) errx(64, "%s: %s?", what, text);
    return value;
}

/* The four lanes of xorshift64*, side by side, so that writing costs more than making them. */
static void fill(uint64_t *words, size_t count, uint64_t lanes[4]) {
    for (size_t word = 0; word < count; word += 4)
        for (size_t lane = 0; lane < 4; lane++) {
            uint64_t state = lanes[lane];
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            lanes[lane] = state;
            words[word + lane] = state * 0x2545f4914f6cdd1d;
        }
}

static void say_that_it_runs(void) {
    write_all("running\n", 8);
}

static void bulk(uint64_t size, uint64_t seed) {
    static uint64_t words[block / sizeof(uint64_t)];
    uint64_t lanes[4];
    /* Never zero, which xorshift could not leave. */
    for (uint64_t lane = 0; lane < 4; lane++)
        lanes[lane] = XXH3_64bits_withSeed(&lane, sizeof lane, seed) | 1;
    while (size > 0) {
        fill(words, block / sizeof(uint64_t), lanes);
        size_t count = size < block ? (size_t)size : block;
        write_all(words, count);
        size -= count;
    }
}

static void bulk_on_note(uint64_t size, uint64_t seed, const char *note) {
    say_that_it_runs();
    while (access(note, F_OK) != 0) usleep(1000);
    double begun = now();
    bulk(size, seed);
    double seconds = now() - begun;
    FILE *file = fopen(note, "we");
    if (file == NULL || fprintf(file, "%f\n", seconds) < 0 || fclose(file) != 0) err(1, "%s", note);
}

/* A line that is late is written at once and does not delay those after it; its stamp is the moment
 * of writing, so that only what comes after the job is measured. */
static void lines(uint64_t per_second, uint64_t width, uint64_t seconds, const char *file) {
    if (per_second == 0 || per_second > second) errx(64, "lines per second: 1 to %d", second);
    if (width < line_least || width > line_most)
        errx(64, "a line has %d to %d bytes", line_least, line_most);
    uint8_t text[line_most];
    uint64_t begun = now_ns();
    uint64_t lines_per_glance = (per_second + glances_per_second - 1) / glances_per_second;
    for (uint64_t line = 0; line < per_second * seconds; line++) {
        bool is_time = file != NULL && line % lines_per_glance == 0;
        if (is_time && access(file, F_OK) != 0) return;
        uint64_t due = begun + line / per_second * second + line % per_second * second / per_second;
        struct timespec moment = {
            .tv_sec = (time_t)(due / second), .tv_nsec = (long)(due % second)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL) == EINTR) continue;
        line_write(text, width, (struct line){.stamp = now_ns(), .number = line});
        write_all(text, width);
    }
}

int main(int count, char **arguments) {
    const char *verb = count > 1 ? arguments[1] : "";
    if (strcmp(verb, "bulk") == 0 && (count == 4 || count == 5)) {
        uint64_t size = number(arguments[2], "bytes"), seed = number(arguments[3], "seed");
        if (count == 5) bulk_on_note(size, seed, arguments[4]);
        else bulk(size, seed);
    } else if (strcmp(verb, "lines") == 0 && (count == 5 || count == 6)) {
        lines(
            number(arguments[2], "lines per second"), number(arguments[3], "width"),
            number(arguments[4], "seconds"), arguments[5]);
    } else if (strcmp(verb, "hold") == 0 && count == 2) {
        say_that_it_runs();
        pause();
    } else {
        errx(64, "bulk BYTES SEED [NOTE], lines PER_SECOND WIDTH SECONDS [FILE], or hold");
    }
    return 0;
}
