#define _GNU_SOURCE
#include "thread.h"

#include "../clock.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum { events_at_once = 64, pause_ms = 50, nanoseconds = 1000000000 };

static void watch(struct thread *thread, int descriptor, struct connection *connection) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(thread->events, EPOLL_CTL_ADD, descriptor, &event) != 0) err(1, "epoll_ctl");
}

static void unwatch(struct thread *thread, struct connection *connection) {
    if (epoll_ctl(thread->events, EPOLL_CTL_DEL, connection->socket, NULL) != 0)
        err(1, "epoll_ctl");
}

static void connect_all(struct thread *thread) {
    thread->events = epoll_create1(EPOLL_CLOEXEC);
    if (thread->events < 0) err(1, "epoll_create1");
    watch(thread, thread->run->leave, NULL);
    for (size_t index = 0; index < thread->count; index++) {
        struct connection *connection = &thread->connections[index];
        connection->tally = &thread->tally;
        connection->buffers = &thread->buffers;
        connection_open(connection, thread->run->context);
        watch(thread, connection->socket, connection);
    }
}

static void ask_all(struct thread *thread) {
    thread->tally.asked = thread->tally.moment = now_ns();
    for (size_t index = 0; index < thread->count; index++)
        connection_ask(&thread->connections[index]);
}

static void serve(struct thread *thread, struct connection *connection) {
    connection_receive(connection);
    bool stops_reading = thread->run->plan->mode == mode_closed_socket &&
                         connection_unanswered(connection) == 0;
    if (!connection->is_open || stops_reading) unwatch(thread, connection);
}

/* True when all are to leave. */
static bool take_events(struct thread *thread) {
    struct epoll_event events[events_at_once];
    int count = epoll_wait(thread->events, events, events_at_once, pause_ms);
    if (count < 0 && errno != EINTR) err(1, "epoll_wait");
    for (int index = 0; index < count; index++) {
        if (events[index].data.ptr == NULL) return true;
        serve(thread, events[index].data.ptr);
    }
    return false;
}

/* Those whose calls fail have no answer, but are done. */
static void tell_when_attached(struct thread *thread) {
    const struct tally *tally = &thread->tally;
    bool waits = tally->answered < thread->followers && tally->done < thread->followers;
    if (thread->is_attached || waits) return;
    thread->is_attached = true;
    sem_post(&thread->run->attached);
}

/* What is to come comes until then. */
static uint64_t deadline(const struct thread *thread) {
    uint64_t patience = (uint64_t)(thread->run->plan->patience * nanoseconds);
    uint64_t end = atomic_load(&thread->run->span.end);
    return patience + (end > 0 ? end : thread->tally.asked);
}

static bool is_over(const struct thread *thread) {
    enum mode mode = thread->run->plan->mode;
    if (mode != mode_whole && mode != mode_lines) return false;
    return thread->tally.done == thread->followers || now_ns() > deadline(thread);
}

static void *run_thread(void *context) {
    struct thread *thread = context;
    connect_all(thread);
    pthread_barrier_wait(&thread->run->gate);
    pthread_barrier_wait(&thread->run->gate);
    ask_all(thread);
    while (!is_over(thread) && !take_events(thread)) tell_when_attached(thread);
    tell_when_attached(thread);
    return NULL;
}

void thread_start(struct thread *thread) {
    errno = pthread_create(&thread->handle, NULL, run_thread, thread);
    if (errno != 0) err(1, "pthread_create");
}

void thread_join(struct thread *thread) {
    errno = pthread_join(thread->handle, NULL);
    if (errno != 0) err(1, "pthread_join");
}
