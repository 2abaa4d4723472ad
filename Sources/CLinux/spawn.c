#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)

/* Runs `begin` on a stack of its own in a process that shares all memory with its parent, which
 * sleeps until it is gone from there. The C library has no function for that, and a plain
 * syscall(2) would return in the child and leave the parent a stack that others have used since. */
static long clone_onto_stack(
    struct clone_args *arguments, size_t size, void (*begin)(void *), void *context) {
    register void (*function)(void *) __asm__("r8") = begin;
    register void *value __asm__("r9") = context;
    long result;
    __asm__ volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xorl %%ebp, %%ebp\n\t"
        "movq %%r9, %%rdi\n\t"
        "callq *%%r8\n\t"
        "hlt\n"
        "1:"
        : "=a"(result)
        : "a"(SYS_clone3), "D"(arguments), "S"(size), "r"(function), "r"(value)
        : "rcx", "r11", "memory", "cc");
    return result;
}

#else

static long clone_onto_stack(
    struct clone_args *arguments, size_t size, void (*begin)(void *), void *context) {
    (void)arguments, (void)size, (void)begin, (void)context;
    return -ENOSYS;
}

#endif

/* What the child does needs little; a page more is for a deep call of the C library. */
enum { stack_size = 32 << 10 };

struct birth {
    const struct clinux_spawn *spawn;
    /* Of the child, if it could not execute the program. */
    volatile int error;
};

static int is_target(const struct clinux_spawn *spawn, int number) {
    for (int index = 0; index < spawn->count; index++) {
        if (spawn->targets[index] == number) return 1;
    }
    return 0;
}

int clinux_take_descriptors(const struct clinux_spawn *spawn) {
    int last = -1;
    for (int index = 0; index < spawn->count; index++) {
        int source = spawn->sources[index], target = spawn->targets[index];
        /* With equal numbers dup2(2) would leave FD_CLOEXEC set. */
        int result = source == target ? fcntl(target, F_SETFD, 0) : dup2(source, target);
        if (result < 0) return -1;
        if (target > last) last = target;
    }
    for (int number = 0; number < last; number++) {
        if (!is_target(spawn, number)) close(number);
    }
    return close_range((unsigned int)last + 1, ~0U, 0);
}

/* In the child. All memory is the parent's, so nothing is allocated and no lock is taken. */
static void be_born(void *context) {
    struct birth *birth = context;
    const struct clinux_spawn *spawn = birth->spawn;
    clinux_reset_signal_actions();
    if (clinux_take_descriptors(spawn) == 0 && clinux_unblock_signals() == 0)
        execve(spawn->path, spawn->arguments, spawn->environment);
    birth->error = errno;
    _exit(127);
}

static pid_t clone_child(struct birth *birth, void *stack, int *pidfd) {
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t)stack,
        .stack_size = stack_size,
        .cgroup = (uint64_t)birth->spawn->cgroup,
    };
    pid_t pid = (pid_t)clone_onto_stack(&arguments, sizeof arguments, be_born, birth);
    if (pid < 0 || birth->error == 0) return pid;
    /* Nobody else knows of it. */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    close(*pidfd);
    return -birth->error;
}

pid_t clinux_spawn(const struct clinux_spawn *spawn, int *pidfd) {
    void *stack = mmap(
        NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -errno;
    struct birth birth = {.spawn = spawn};
    /* No handler of ours may run in the child, whose changes would be ours. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = clone_child(&birth, stack, pidfd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, stack_size);
    return pid;
}
