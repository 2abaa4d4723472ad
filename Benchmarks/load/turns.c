/* Loaded into the daemon (LD_PRELOAD), notes how long its loop was busy in each turn: from the moment
 * that it has waited for events until it does so again. With io_uring the kernel does there what was
 * submitted, so that the processor time of that call is part of the turn, though it also has what the
 * scheduler takes to put the loop to sleep. The daemon itself knows nothing of it.
 *
 * On a busy machine a turn also takes the time in which others had the processor. The kernel counts
 * that (run_delay, Documentation/scheduler/sched-stats.rst), so it can be told apart. Each turn is a
 * `struct turn` in the file that LOAD_TURNS names, after the count of all. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { turns_max = 1 << 20 };

/* All in nanoseconds; the beginning is of CLOCK_MONOTONIC. */
struct turn {
    uint64_t began;
    uint32_t wall;
    uint32_t processor;
    uint32_t waited;
    uint32_t unused;
};

struct notes {
    uint64_t count;
    struct turn turns[turns_max];
};

static struct notes *notes;
static int loop_schedstat = -1;
static uint64_t began, began_processor, began_waited;

static uint64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The second of three numbers is the time spent ready, but not running. */
static uint64_t waited(int schedstat) {
    char text[96];
    ssize_t count = pread(schedstat, text, sizeof text - 1, 0);
    if (count <= 0) return 0;
    text[count] = 0;
    char *rest;
    strtoull(text, &rest, 10);
    return strtoull(rest, NULL, 10);
}

static void open_notes(void) {
    const char *path = getenv("LOAD_TURNS");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof *notes) != 0) abort();
    notes = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (notes == MAP_FAILED) abort();
    close(file);
    loop_schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* Where a turn ends and the wait begins. */
static struct {
    uint64_t time, processor, waited;
} wait_began;

static void begin_wait(void) {
    if (notes == NULL) open_notes();
    wait_began.waited = waited(loop_schedstat);
    wait_began.time = read_clock(CLOCK_MONOTONIC);
    wait_began.processor = read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static void end_wait(bool works) {
    uint64_t in_call = works ? read_clock(CLOCK_THREAD_CPUTIME_ID) - wait_began.processor : 0;
    struct turn turn = {
        .began = began,
        .wall = (uint32_t)(wait_began.time - began + in_call),
        .processor = (uint32_t)(wait_began.processor - began_processor + in_call),
        .waited = (uint32_t)(wait_began.waited - began_waited),
    };
    /* The first wait ends no turn. */
    if (began != 0 && notes->count < turns_max) notes->turns[notes->count++] = turn;
    began_waited = waited(loop_schedstat);
    began_processor = read_clock(CLOCK_THREAD_CPUTIME_ID);
    began = read_clock(CLOCK_MONOTONIC);
}

/* ---- What the loop waits by: epoll, or liburing with and without a deadline ---- */

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) abort();
    return found;
}

int epoll_pwait2(
    int epoll, struct epoll_event *events, int room, const struct timespec *timeout,
    const sigset_t *mask) {
    static int (*original)(
        int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
    if (original == NULL) original = (__typeof__(original))next("epoll_pwait2");
    begin_wait();
    int count = original(epoll, events, room, timeout, mask);
    end_wait(false);
    return count;
}

int io_uring_submit_and_wait_timeout(
    struct io_uring *ring, struct io_uring_cqe **completion, unsigned int wanted,
    struct __kernel_timespec *timeout, sigset_t *mask) {
    static int (*original)(
        struct io_uring *, struct io_uring_cqe **, unsigned int, struct __kernel_timespec *,
        sigset_t *);
    if (original == NULL) original = (__typeof__(original))next("io_uring_submit_and_wait_timeout");
    begin_wait();
    int result = original(ring, completion, wanted, timeout, mask);
    end_wait(true);
    return result;
}

int io_uring_submit_and_get_events(struct io_uring *ring) {
    static int (*original)(struct io_uring *);
    if (original == NULL) original = (__typeof__(original))next("io_uring_submit_and_get_events");
    begin_wait();
    int result = original(ring);
    end_wait(true);
    return result;
}
