/* Starts jobs, a fixed number at a time, over one connection, and says how long each took.
 *
 *   starts --at ADDRESS:PORT --ca FILE --cert FILE --key FILE --in-flight N --count N [--host]
 *       [--hold] PROGRAM ARGUMENT…
 *
 * Writes, for each job, a line "STARTED ENDED": microseconds from the request until the server says
 * that it runs, and until it says that it has ended. A last line "total SECONDS CPU BEGAN" tells
 * how long all took, what this program itself used of it, and when it began, by CLOCK_MONOTONIC. A
 * first job is not counted: the server is busy with the connection then. Jobs are `strict`, with
 * --host they are not isolated. With --hold no end is waited for:
 * then it writes "held" once all run, and leaves when its standard input ends. */
#define _GNU_SOURCE
#include "channel.h"
#include "clock.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The values of Isolation in job.proto. */
enum { host = 1, strict = 2 };
enum { id_size = 36 };

struct job {
    double asked;
    double started;
    double ended;
};

static struct channel *channel;
static struct job *jobs;
static int count, asked, over;
static int holds, isolation = strict;
static uint8_t request[8192];
static size_t request_size;

/* ---- Messages, by hand: protobuf.dev/programming-guides/encoding ---- */

static size_t put_number(uint8_t *bytes, size_t number) {
    size_t size = 0;
    for (; number >= 128; number >>= 7) bytes[size++] = (uint8_t)(number | 128);
    bytes[size++] = (uint8_t)number;
    return size;
}

static size_t put_bytes(uint8_t *bytes, int field, const void *contents, size_t count_of_contents) {
    size_t size = put_number(bytes, (size_t)field << 3 | 2);
    size += put_number(bytes + size, count_of_contents);
    memcpy(bytes + size, contents, count_of_contents);
    return size + count_of_contents;
}

/* StartJobRequest.spec: command.argv, isolation. */
static void make_request(char **words) {
    uint8_t vector[2048], command[2064], spec[2080];
    size_t size = put_bytes(vector, 1, words[0], strlen(words[0]));
    for (char **word = words + 1; *word != NULL; word++) {
        if (size + strlen(*word) + 8 > sizeof vector) errx(64, "too many arguments");
        size += put_bytes(vector + size, 2, *word, strlen(*word));
    }
    size_t command_size = put_bytes(command, 1, vector, size);
    size_t spec_size = put_bytes(spec, 1, command, command_size);
    spec_size += put_number(spec + spec_size, 7 << 3);
    spec_size += put_number(spec + spec_size, (size_t)isolation);
    request_size = put_bytes(request, 1, spec, spec_size);
}

static const uint8_t *take_number(const uint8_t *bytes, const uint8_t *end, size_t *number) {
    *number = 0;
    for (int shift = 0; bytes < end && shift < 64; shift += 7) {
        *number |= (size_t)(*bytes & 127) << shift;
        if ((*bytes++ & 128) == 0) return bytes;
    }
    errx(1, "an answer that is no message");
}

/* The contents of the first field, which must be number 1: both the job and its identifier are. */
static const uint8_t *first_field(const uint8_t *bytes, size_t *size) {
    const uint8_t *end = bytes + *size;
    size_t key;
    bytes = take_number(bytes, end, &key);
    if (key != (1 << 3 | 2)) errx(1, "an answer without a job");
    bytes = take_number(bytes, end, size);
    if (*size > (size_t)(end - bytes)) errx(1, "an answer that was cut");
    return bytes;
}

/* ---- Calls ---- */

static void start_next(void);

static void finished(void) {
    over++;
    start_next();
}

static void has_ended(void *context, int status, const uint8_t *message, size_t size) {
    (void)message, (void)size;
    if (status != 0) errx(1, "WaitJob: status %d", status);
    ((struct job *)context)->ended = now();
    finished();
}

static void has_started(void *context, int status, const uint8_t *message, size_t size) {
    if (status != 0) errx(1, "StartJob: status %d", status);
    struct job *job = context;
    job->started = now();
    if (holds) return finished();
    message = first_field(message, &size);
    const uint8_t *id = first_field(message, &size);
    if (size != id_size) errx(1, "an identifier of %zu bytes", size);
    uint8_t wait[id_size + 2];
    size_t wait_size = put_bytes(wait, 1, id, id_size);
    channel_call(channel, "/cmdctl.v1.JobService/WaitJob", wait, wait_size, has_ended, job);
}

static void start_next(void) {
    if (asked == count) return;
    struct job *job = &jobs[asked++];
    job->asked = now();
    channel_call(
        channel, "/cmdctl.v1.JobService/StartJob", request, request_size, has_started, job);
}

/* Starts `count` jobs and waits until all are over. */
static void run(int all, int in_flight) {
    count = all;
    asked = over = 0;
    for (int slot = 0; slot < in_flight; slot++) start_next();
    while (over < count) channel_turn(channel);
}

static void hold(void) {
    puts("held");
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
}

int main(int argument_count, char **arguments) {
    struct secure_target target = {0};
    int in_flight = 1, all = 0;
    static const struct option options[] = {
        {"at", required_argument, NULL, 'a'},        {"ca", required_argument, NULL, 'A'},
        {"cert", required_argument, NULL, 'c'},      {"key", required_argument, NULL, 'k'},
        {"in-flight", required_argument, NULL, 'f'}, {"count", required_argument, NULL, 'n'},
        {"hold", no_argument, NULL, 'h'},            {"host", no_argument, NULL, 'H'},
        {0},
    };
    int option;
    while ((option = getopt_long(argument_count, arguments, "+", options, NULL)) != -1) {
        switch (option) {
        case 'a': target.host = strtok(optarg, ":"), target.port = strtok(NULL, ":"); break;
        case 'A': target.authority = optarg; break;
        case 'c': target.certificate = optarg; break;
        case 'k': target.key = optarg; break;
        case 'f': in_flight = atoi(optarg); break;
        case 'n': all = atoi(optarg); break;
        case 'h': holds = 1; break;
        case 'H': isolation = host; break;
        default: return 64;
        }
    }
    if (target.port == NULL || target.key == NULL || optind == argument_count || all < 1)
        errx(64, "see the beginning of starts.c");
    make_request(arguments + optind);
    jobs = calloc((size_t)all, sizeof *jobs);
    channel = channel_open(&target);
    if (!holds) run(1, 1);
    double begun = now(), begun_processor = processor_time();
    run(all, in_flight);
    double total = now() - begun, used = processor_time() - begun_processor;
    for (int job = 0; job < count; job++) {
        double ended = holds ? jobs[job].started : jobs[job].ended;
        double started = jobs[job].started - jobs[job].asked;
        printf("%.1f %.1f\n", started * 1e6, (ended - jobs[job].asked) * 1e6);
    }
    printf("total %.6f %.6f %.6f\n", total, used, begun);
    if (holds) hold();
    channel_close(channel);
    return 0;
}
