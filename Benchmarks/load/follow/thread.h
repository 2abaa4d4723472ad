/* Threads, each with its share of the connections, and the moments at which all meet. */
#ifndef FOLLOW_THREAD_H
#define FOLLOW_THREAD_H

#include "connection.h"

#include <pthread.h>
#include <semaphore.h>

/* What all threads share. */
struct run {
    const struct plan *plan;
    SSL_CTX *context;
    struct span span;
    /* All are connected; all may ask. */
    pthread_barrier_t gate;
    /* Raised by each thread when all of its followers are answered or gone. */
    sem_t attached;
    /* Readable from the moment at which all are to leave. */
    int leave;
};

struct thread {
    pthread_t handle;
    struct run *run;
    struct tally tally;
    struct receive_buffers buffers;
    struct connection *connections;
    size_t count;
    size_t followers;
    int events;
    bool is_attached;
};

/* Begins to connect; then passes the gate twice. */
void thread_start(struct thread *thread);

/* Waits until it has left. */
void thread_join(struct thread *thread);

#endif
