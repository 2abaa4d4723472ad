#define _GNU_SOURCE
#include "clinux_process.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two calls deep. */
enum { stack_size = 16 << 10 };

struct order {
    int descriptor;
    int answer;
};

static void close_others(const struct order *order) {
    int first = order->descriptor, second = order->answer;
    if (first > second) first = order->answer, second = order->descriptor;
    if (first > 0) close_range(0, (unsigned int)first - 1, 0);
    if (second > first + 1) close_range((unsigned int)first + 1, (unsigned int)second - 1, 0);
    close_range((unsigned int)second + 1, ~0U, 0);
}

/* In the child, beside its parent in the same memory: nothing is allocated and no lock is taken. */
static int synchronize(void *context) {
    const struct order *order = context;
    close_others(order);
    int number = fdatasync(order->descriptor) == 0 ? 0 : errno;
    ssize_t written = write(order->answer, &number, sizeof number);
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
    pid_t pid = clone(synchronize, top, CLONE_VM | SIGCHLD, order);
    if (pid < 0) {
        int number = errno;
        munmap(stack, stack_size);
        errno = number;
    }
    return pid;
}
