#define _GNU_SOURCE
#include "clinux_process.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)

/* The child's errno is its parent's, which may be looking at it, so it makes its calls without one:
 * answers what the kernel does, the negative of an error's number. */
static long call(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

enum { shared = CLONE_VM };

#else

static long call(long number, long first, long second, long third) {
    long result = syscall(number, first, second, third);
    return result < 0 ? -errno : result;
}

/* Elsewhere its memory is a copy, and errno with it. */
enum { shared = 0 };

#endif

/* A few calls deep. */
enum { stack_size = 16 << 10 };

struct order {
    int descriptor;
    int answer;
};

static void close_between(int first, int last) {
    if (first <= last) (void)call(SYS_close_range, first, last, 0);
}

static void close_others(const struct order *order) {
    int first = order->descriptor, second = order->answer;
    if (first > second) first = order->answer, second = order->descriptor;
    close_between(0, first - 1);
    close_between(first + 1, second - 1);
    close_between(second + 1, INT_MAX);
}

/* In the child, beside its parent in the same memory: nothing is allocated and no lock is taken. */
static int synchronize(void *context) {
    const struct order *order = context;
    close_others(order);
    int number = (int)-call(SYS_fdatasync, order->descriptor, 0, 0);
    long written = call(SYS_write, order->answer, (long)&number, sizeof number);
    return written == sizeof number ? 0 : 1;
}

pid_t clinux_synchronize_aside(int descriptor, int answer) {
    char *stack = mmap(
        NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -1;
    /* Where the child finds it however long the caller has gone on. */
    struct order *order = (struct order *)(stack + stack_size) - 1;
    *order = (struct order){.descriptor = descriptor, .answer = answer};
    char *top = stack + stack_size - 64;
    pid_t pid = clone(synchronize, top, shared | SIGCHLD, order);
    if (pid < 0) {
        int number = errno;
        munmap(stack, stack_size);
        errno = number;
    }
    return pid;
}
