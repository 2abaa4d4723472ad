/* Loaded into the daemon (LD_PRELOAD), notes how long its loop was busy in each turn: from the moment
 * epoll_pwait2 returns until it is called again. The daemon itself knows nothing of it.
 *
 * On a busy machine a turn also takes the time in which others had the processor. The kernel counts
 * that (run_delay, Documentation/scheduler/sched-stats.rst), so it can be told apart. Each turn is a
 * `struct turn` in the file that LOAD_TURNS names, after the count of all. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
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

static void end_turn(void) {
    struct turn turn = {
        .began = began,
        .wall = (uint32_t)(read_clock(CLOCK_MONOTONIC) - began),
        .processor = (uint32_t)(read_clock(CLOCK_THREAD_CPUTIME_ID) - began_processor),
        .waited = (uint32_t)(waited(loop_schedstat) - began_waited),
    };
    if (notes->count < turns_max) notes->turns[notes->count++] = turn;
}

int epoll_pwait2(
    int epoll, struct epoll_event *events, int room, const struct timespec *timeout,
    const sigset_t *mask) {
    static int (*original)(
        int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
    if (original == NULL) {
        original = (__typeof__(original))dlsym(RTLD_NEXT, "epoll_pwait2");
        open_notes();
    } else {
        end_turn();
    }
    int count = original(epoll, events, room, timeout, mask);
    began_waited = waited(loop_schedstat);
    began_processor = read_clock(CLOCK_THREAD_CPUTIME_ID);
    began = read_clock(CLOCK_MONOTONIC);
    return count;
}
