/* What a run is to do, as the command line says. */
#ifndef FOLLOW_PLAN_H
#define FOLLOW_PLAN_H

#include "../secure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mode { mode_whole, mode_lines, mode_idle, mode_closed_window, mode_closed_socket };

/* A job to follow. */
struct job {
    const char *id;
    /* GetOutput's request, with the head of a gRPC message. */
    uint8_t request[128];
    size_t request_size;
};

struct plan {
    struct secure_target target;
    enum mode mode;
    size_t connections, followers, threads;
    struct job *jobs;
    size_t job_count;
    /* A file to GET instead; NULL: none. */
    const char *path;
    /* Of an HTTP/2 frame, and of what a stream may send before it hears from us. */
    uint32_t frame, window;
    double seconds, warm_up, patience;
};

/* Reads the command line; says what is wrong with it and exits. */
struct plan plan_read(int count, char **arguments);

#endif
