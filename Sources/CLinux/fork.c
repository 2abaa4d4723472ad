#define _GNU_SOURCE
#include "clinux_process.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only what is used of it takes memory. */
enum { stack_size = 512 << 10 };

struct beginning {
    void (*begin)(void *);
    void *context;
};

static int begin_there(void *context) {
    struct beginning *beginning = context;
    beginning->begin(beginning->context);
    return 127;
}

pid_t clinux_fork_in_place(void (*begin)(void *), void *context) {
    /* Below the stack lies a page that nobody may touch: an overflow ends the child, and leaves the
     * memory of the caller alone. */
    size_t guard_size = (size_t)sysconf(_SC_PAGESIZE), size = guard_size + stack_size;
    char *start = mmap(
        NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return -1;
    pid_t pid = -1;
    if (mprotect(start + guard_size, stack_size, PROT_READ | PROT_WRITE) == 0) {
        struct beginning beginning = {.begin = begin, .context = context};
        pid = clone(begin_there, start + size, CLONE_VM | CLONE_VFORK | SIGCHLD, &beginning);
    }
    int number = errno;
    munmap(start, size);
    errno = number;
    return pid;
}
