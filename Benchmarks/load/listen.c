/* Hears lines of line.h without any server, to compare with.
 *
 *   listen pipe WARM_UP SECONDS          from standard input, as `tail -f` passes them on
 *   listen file WARM_UP SECONDS FILE     from a file that grows, by inotify
 *
 * Begins where the file ends. Prints as JSON how late the lines were that were written between
 * WARM_UP and SECONDS later. */
#define _GNU_SOURCE
#include "clock.h"
#include "follow/histogram.h"
#include "follow/lines.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

struct listener {
    uint64_t begin, end;
    uint64_t count, wrong;
    bool is_over;
    struct lines lines;
    struct histogram latency;
};

static void hear(struct listener *listener, const uint8_t *bytes, size_t size) {
    uint64_t moment = now_ns();
    const uint8_t *end = bytes + size;
    struct line line;
    enum lines_event event;
    while ((event = lines_next(&listener->lines, &bytes, end, &line)) != lines_more) {
        if (event == lines_wrong) {
            listener->wrong++;
            continue;
        }
        listener->is_over |= line.stamp >= listener->end;
        if (line.stamp < listener->begin || line.stamp >= listener->end) continue;
        listener->count++;
        histogram_note(&listener->latency, moment - line.stamp);
    }
}

/* What is there now; false at the end of a pipe, or when there is nothing more. */
static bool hear_once(struct listener *listener, int descriptor) {
    static uint8_t bytes[64 << 10];
    ssize_t count = read(descriptor, bytes, sizeof bytes);
    if (count < 0) err(1, "read");
    hear(listener, bytes, (size_t)count);
    return count > 0;
}

static void hear_pipe(struct listener *listener) {
    while (!listener->is_over)
        if (!hear_once(listener, STDIN_FILENO)) errx(1, "the lines have ended too early");
}

static void hear_file(struct listener *listener, const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || lseek(file, 0, SEEK_END) < 0) err(1, "%s", path);
    int notifier = inotify_init1(IN_CLOEXEC);
    if (notifier < 0 || inotify_add_watch(notifier, path, IN_MODIFY) < 0) err(1, "inotify");
    char events[4096];
    while (!listener->is_over) {
        if (read(notifier, events, sizeof events) < 0) err(1, "inotify");
        while (hear_once(listener, file)) continue;
    }
}

int main(int count, char **arguments) {
    bool from_pipe = count == 4 && strcmp(arguments[1], "pipe") == 0;
    bool from_file = count == 5 && strcmp(arguments[1], "file") == 0;
    if (!from_pipe && !from_file) errx(64, "see the beginning of listen.c");
    struct listener listener = {.begin = now_ns() + (uint64_t)(atof(arguments[2]) * 1e9)};
    listener.end = listener.begin + (uint64_t)(atof(arguments[3]) * 1e9);
    if (from_pipe) hear_pipe(&listener);
    else hear_file(&listener, arguments[4]);
    const struct histogram *latency = &listener.latency;
    printf("{\"lines\": %lu, \"wrong_lines\": %lu, ", listener.count, listener.wrong);
    printf(
        "\"latency_us\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}}\n",
        (double)histogram_quantile(latency, 0.5) / 1e3,
        (double)histogram_quantile(latency, 0.99) / 1e3, (double)latency->most / 1e3);
    return listener.wrong > 0;
}
