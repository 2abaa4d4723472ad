/* Makes the same small call again and again, so many at a time, and says how long each took.
 *
 *   unary --at ADDRESS:PORT --ca FILE --cert FILE --key FILE --connections N --streams N --calls N
 *       [--warm-up N] [--paused] [--ciphers NAMES] (--path PATH --request HEX… | --get PATH)
 *
 * Each connection has a thread and keeps so many streams busy. Every status is looked at. --request
 * is the message in hexadecimal, and may be empty; several are sent in turn, and each connection
 * begins with another one. Every answer must be like the first one to the same request, byte for
 * byte, and unlike those to others. --get gets a file instead. With --paused it says "warm" after
 * the warm-up and begins when it is sent a line, so that others can read their clocks. Prints a
 * JSON object. */
#define _GNU_SOURCE
#include "channel.h"
#include "clock.h"

#include <err.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who has not had all answers after so many seconds never will. */
enum { requests_max = 256, patience = 120 };

struct message {
    uint8_t *bytes;
    size_t size;
};

struct plan {
    const char *path;
    bool is_call;
    struct message requests[requests_max];
    size_t request_count;
    int connections;
    int streams;
    long calls;
    long warm_up;
    bool is_paused;
};

struct worker {
    pthread_t thread;
    struct channel *channel;
    struct stream *streams;
    int busy;
    /* Which request is to be sent next, counted on and on. */
    size_t next;
    /* The first one to each request. */
    struct message answers[requests_max];
    /* Of all calls, in microseconds. */
    float *took;
    size_t count;
    size_t room;
};

/* A place for one call at a time. */
struct stream {
    struct worker *worker;
    size_t request;
    double asked;
};

static struct plan plan = {.connections = 1, .streams = 1, .calls = 1000};
static atomic_long left;

/* ---- Calls ---- */

static void has_answered(void *context, int status, const uint8_t *message, size_t size);

static void ask(struct stream *stream) {
    if (atomic_fetch_sub_explicit(&left, 1, memory_order_relaxed) <= 0) {
        stream->worker->busy--;
        return;
    }
    struct channel *channel = stream->worker->channel;
    stream->request = stream->worker->next++ % plan.request_count;
    stream->asked = now();
    const struct message *request = &plan.requests[stream->request];
    if (plan.is_call)
        channel_call(channel, plan.path, request->bytes, request->size, has_answered, stream);
    else
        channel_get(channel, plan.path, has_answered, stream);
}

static bool is_like(const struct message *answer, const uint8_t *bytes, size_t size) {
    return size == answer->size && memcmp(bytes, answer->bytes, size) == 0;
}

static void keep(struct worker *worker, size_t request, const uint8_t *bytes, size_t size) {
    if (size == 0) errx(1, "an empty answer");
    for (size_t other = 0; other < plan.request_count; other++) {
        if (worker->answers[other].bytes != NULL && is_like(&worker->answers[other], bytes, size))
            errx(1, "requests %zu and %zu have the same answer", other, request);
    }
    struct message *answer = &worker->answers[request];
    *answer = (struct message){malloc(size), size};
    memcpy(answer->bytes, bytes, size);
}

static void check(struct worker *worker, size_t request, const uint8_t *bytes, size_t size) {
    const struct message *answer = &worker->answers[request];
    if (answer->bytes == NULL) keep(worker, request, bytes, size);
    if (!is_like(answer, bytes, size))
        errx(1, "an answer of %zu bytes is unlike the first one of %zu", size, answer->size);
}

static void has_answered(void *context, int status, const uint8_t *message, size_t size) {
    struct stream *stream = context;
    struct worker *worker = stream->worker;
    double took = now() - stream->asked;
    if (status != 0) errx(1, "%s: status %d", plan.path, status);
    check(worker, stream->request, message, size);
    if (worker->count == worker->room) {
        worker->room = worker->room == 0 ? 1 << 16 : worker->room * 2;
        worker->took = realloc(worker->took, worker->room * sizeof *worker->took);
        if (worker->took == NULL) errx(1, "out of memory");
    }
    worker->took[worker->count++] = (float)(took * 1e6);
    ask(stream);
}

/* ---- Threads ---- */

static void *work(void *argument) {
    struct worker *worker = argument;
    worker->busy = plan.streams;
    worker->count = 0;
    for (int index = 0; index < plan.streams; index++) ask(&worker->streams[index]);
    while (worker->busy > 0) channel_turn(worker->channel);
    return NULL;
}

/* Makes so many calls over all connections. */
static void run(struct worker *workers, long calls) {
    atomic_store(&left, calls);
    for (int index = 0; index < plan.connections; index++) {
        if (pthread_create(&workers[index].thread, NULL, work, &workers[index]) != 0)
            errx(1, "no thread");
    }
    for (int index = 0; index < plan.connections; index++)
        pthread_join(workers[index].thread, NULL);
}

static struct worker *open_all(const struct secure_target *target) {
    struct worker *workers = calloc((size_t)plan.connections, sizeof *workers);
    for (int index = 0; index < plan.connections; index++) {
        struct worker *worker = &workers[index];
        worker->channel = channel_open(target);
        worker->next = (size_t)index * plan.request_count / (size_t)plan.connections;
        worker->streams = calloc((size_t)plan.streams, sizeof *worker->streams);
        for (int stream = 0; stream < plan.streams; stream++)
            worker->streams[stream].worker = worker;
    }
    return workers;
}

/* ---- The report ---- */

static int compare(const void *left, const void *right) {
    float difference = *(const float *)left - *(const float *)right;
    return (difference > 0) - (difference < 0);
}

static void report(const struct worker *workers, double seconds, double processor) {
    size_t count = 0, filled = 0;
    for (int index = 0; index < plan.connections; index++) count += workers[index].count;
    float *took = malloc(count * sizeof *took);
    double sum = 0;
    for (int index = 0; index < plan.connections; index++) {
        memcpy(took + filled, workers[index].took, workers[index].count * sizeof *took);
        filled += workers[index].count;
    }
    for (size_t index = 0; index < count; index++) sum += took[index];
    qsort(took, count, sizeof *took, compare);
    printf(
        "{\"calls\": %zu, \"seconds\": %.6f, \"processor_s\": %.6f, \"answer_bytes\": %zu, ", count,
        seconds, processor, workers[0].answers[0].size);
    printf(
        "\"latency_us\": {\"mean\": %.2f, \"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}}\n",
        sum / (double)count, took[count / 2], took[count * 99 / 100], took[count - 1]);
}

static void pause_until_told(void) {
    puts("warm");
    fflush(stdout);
    if (getchar() == EOF) errx(1, "nobody says when to begin");
}

/* ---- Beginning ---- */

static void add_request(const char *digits) {
    if (plan.request_count == requests_max) errx(64, "more than %d requests", requests_max);
    size_t size = strlen(digits) / 2;
    uint8_t *bytes = malloc(size + 1);
    for (size_t index = 0; index < size; index++) {
        if (sscanf(digits + 2 * index, "%2hhx", &bytes[index]) != 1)
            errx(64, "no hexadecimal digits: %s", digits);
    }
    plan.requests[plan.request_count++] = (struct message){bytes, size};
}

static struct secure_target parse(int count, char **arguments) {
    struct secure_target target = {0};
    static const struct option options[] = {
        {"at", required_argument, NULL, 'a'},          {"ca", required_argument, NULL, 'A'},
        {"cert", required_argument, NULL, 'c'},        {"key", required_argument, NULL, 'k'},
        {"connections", required_argument, NULL, 'C'}, {"streams", required_argument, NULL, 's'},
        {"calls", required_argument, NULL, 'n'},       {"warm-up", required_argument, NULL, 'w'},
        {"path", required_argument, NULL, 'p'},        {"request", required_argument, NULL, 'r'},
        {"get", required_argument, NULL, 'g'},         {"paused", no_argument, NULL, 'P'},
        {"ciphers", required_argument, NULL, 'S'},      {0},
    };
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        switch (option) {
        case 'a': target.host = strtok(optarg, ":"), target.port = strtok(NULL, ":"); break;
        case 'A': target.authority = optarg; break;
        case 'c': target.certificate = optarg; break;
        case 'k': target.key = optarg; break;
        case 'S': target.ciphers = optarg; break;
        case 'C': plan.connections = atoi(optarg); break;
        case 's': plan.streams = atoi(optarg); break;
        case 'n': plan.calls = atol(optarg); break;
        case 'w': plan.warm_up = atol(optarg); break;
        case 'p': plan.path = optarg, plan.is_call = true; break;
        case 'g': plan.path = optarg, plan.request_count = 1; break;
        case 'r': add_request(optarg); break;
        case 'P': plan.is_paused = true; break;
        default: exit(64);
        }
    }
    if (target.port == NULL || target.key == NULL || plan.path == NULL || plan.connections < 1 ||
        plan.streams < 1 || plan.calls < 1 || plan.request_count < 1)
        errx(64, "see the beginning of unary.c");
    return target;
}

int main(int count, char **arguments) {
    struct secure_target target = parse(count, arguments);
    alarm(patience);
    struct worker *workers = open_all(&target);
    if (plan.warm_up > 0) run(workers, plan.warm_up);
    if (plan.is_paused) pause_until_told();
    double begun = now(), begun_processor = processor_time();
    run(workers, plan.calls);
    report(workers, now() - begun, processor_time() - begun_processor);
    for (int index = 0; index < plan.connections; index++) channel_close(workers[index].channel);
    return 0;
}
