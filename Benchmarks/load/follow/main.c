/* Follows what jobs write, as many clients do; `follow --help` says how. */
#define _GNU_SOURCE
#include "report.h"

#include "../clock.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { nanoseconds = 1000000000 };

/* Each connection has a row of followers, as nearly as many as the others; each thread a row of
 * connections. */
static struct thread *divide(struct run *run, struct follower *followers) {
    const struct plan *plan = run->plan;
    struct thread *threads = calloc(plan->threads, sizeof *threads);
    struct connection *connections = calloc(plan->connections, sizeof *connections);
    if (threads == NULL || connections == NULL) err(1, "calloc");
    for (size_t index = 0; index < plan->threads; index++) {
        struct thread *thread = &threads[index];
        size_t first = index * plan->connections / plan->threads;
        size_t next = (index + 1) * plan->connections / plan->threads;
        thread->run = run;
        thread->tally.plan = plan;
        thread->tally.span = &run->span;
        thread->connections = connections + first;
        thread->count = next - first;
        for (size_t number = first; number < next; number++) {
            size_t row = number * plan->followers / plan->connections;
            size_t row_end = (number + 1) * plan->followers / plan->connections;
            connections[number].followers = followers + row;
            connections[number].count = row_end - row;
            thread->followers += row_end - row;
            for (size_t place = row; place < row_end; place++)
                follower_begin(
                    &followers[place], &thread->tally,
                    plan->job_count > 0 ? place % plan->job_count : 0);
        }
    }
    return threads;
}

static void prepare(struct run *run) {
    run->context = secure_context(&run->plan->target);
    run->leave = eventfd(0, EFD_CLOEXEC);
    if (run->leave < 0) err(1, "eventfd");
    sem_init(&run->attached, 0, 0);
    errno = pthread_barrier_init(&run->gate, NULL, (unsigned)run->plan->threads + 1);
    if (errno != 0) err(1, "pthread_barrier_init");
}

static void await_attached(struct run *run) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    moment.tv_sec += (time_t)run->plan->patience + 1;
    for (size_t count = 0; count < run->plan->threads; count++)
        while (sem_timedwait(&run->attached, &moment) != 0)
            if (errno != EINTR) errx(1, "not all followers were answered in time");
}

static void say(const char *what) {
    puts(what);
    fflush(stdout);
}

static void sleep_until(uint64_t moment) {
    struct timespec time = {
        .tv_sec = (time_t)(moment / nanoseconds), .tv_nsec = (long)(moment % nanoseconds)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) continue;
}

/* What is measured begins when all are attached; whoever runs us can measure at the same time. */
static void measure_lines(struct run *run) {
    uint64_t begin = now_ns() + (uint64_t)(run->plan->warm_up * nanoseconds);
    uint64_t end = begin + (uint64_t)(run->plan->seconds * nanoseconds);
    atomic_store(&run->span.begin, begin);
    atomic_store(&run->span.end, end);
    sleep_until(begin);
    say("measuring");
    sleep_until(end);
    say("measured");
}

static void stay(struct run *run) {
    say("ready");
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    if (eventfd_write(run->leave, 1) != 0) err(1, "eventfd_write");
}

/* Answers what it took of the processors from the first request on. */
static double follow(struct run *run, struct thread *threads) {
    for (size_t index = 0; index < run->plan->threads; index++) thread_start(&threads[index]);
    pthread_barrier_wait(&run->gate);
    double before = processor_time();
    pthread_barrier_wait(&run->gate);
    if (run->plan->mode != mode_whole) await_attached(run);
    if (run->plan->mode == mode_lines) measure_lines(run);
    else if (run->plan->mode != mode_whole) stay(run);
    for (size_t index = 0; index < run->plan->threads; index++) thread_join(&threads[index]);
    return processor_time() - before;
}

int main(int count, char **arguments) {
    struct plan plan = plan_read(count, arguments);
    struct run run = {.plan = &plan};
    /* A server that is gone is an error of the call. */
    signal(SIGPIPE, SIG_IGN);
    prepare(&run);
    struct follower *followers = calloc(plan.followers, sizeof *followers);
    if (followers == NULL) err(1, "calloc");
    struct thread *threads = divide(&run, followers);
    double processor_seconds = follow(&run, threads);
    bool is_right = report(&plan, followers, threads, processor_seconds);
    for (size_t index = 0; index < plan.connections; index++)
        connection_close(&threads->connections[index]);
    return is_right ? 0 : 1;
}
