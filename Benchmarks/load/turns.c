/* Loaded into the daemon (LD_PRELOAD), notes how long its loop was busy in each turn: from the moment
 * epoll_pwait2 returns until it is called again. The daemon itself knows nothing of it.
 *
 * On a busy machine a turn also takes the time in which others had the processor. The kernel counts
 * that (run_delay, Documentation/scheduler/sched-stats.rst), for the loop's thread and for the child
 * in which posix_spawn waits for execve, so it can be told apart. Each turn is a `struct turn` in the
 * file that LOAD_TURNS names, after the count of all. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { turns_max = 1 << 20 };

/* All in nanoseconds. */
struct turn {
    uint32_t wall;
    uint32_t processor;
    uint32_t waited;
    uint32_t child_waited;
    uint32_t spawning;
    uint32_t spawns;
};

struct notes {
    uint64_t count;
    struct turn turns[turns_max];
};

static struct notes *notes;
static int loop_schedstat = -1;
static struct turn this_turn;
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
    this_turn.wall = (uint32_t)(read_clock(CLOCK_MONOTONIC) - began);
    this_turn.processor = (uint32_t)(read_clock(CLOCK_THREAD_CPUTIME_ID) - began_processor);
    this_turn.waited = (uint32_t)(waited(loop_schedstat) - began_waited);
    if (notes->count < turns_max) notes->turns[notes->count++] = this_turn;
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
    this_turn = (struct turn){0};
    began_waited = waited(loop_schedstat);
    began_processor = read_clock(CLOCK_THREAD_CPUTIME_ID);
    began = read_clock(CLOCK_MONOTONIC);
    return count;
}

static uint32_t waited_as_child(pid_t pid) {
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    uint64_t time = waited(file);
    close(file);
    return (uint32_t)time;
}

int posix_spawn(
    pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    static __typeof__(posix_spawn) *original;
    if (original == NULL) original = (__typeof__(original))dlsym(RTLD_NEXT, "posix_spawn");
    uint64_t before = read_clock(CLOCK_MONOTONIC);
    int error = original(pid, path, actions, attributes, arguments, environment);
    uint64_t after = read_clock(CLOCK_MONOTONIC);
    this_turn.spawning += (uint32_t)(after - before);
    this_turn.spawns++;
    if (error == 0) this_turn.child_waited += waited_as_child(*pid);
    /* What was just read is not the loop's doing. */
    began += read_clock(CLOCK_MONOTONIC) - after;
    return error;
}
