#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint64_t clinux_new_pid_namespace = CLONE_NEWPID;
const uint64_t clinux_new_mount_namespace = CLONE_NEWNS;

pid_t clinux_fork(uint64_t namespaces, int cgroup) {
    if (namespaces == 0 && cgroup < 0) return fork();
    struct clone_args arguments = {.flags = namespaces, .exit_signal = SIGCHLD};
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

int clinux_process_control(int option, unsigned long value) {
    return prctl(option, value, 0UL, 0UL, 0UL);
}

int clinux_close_range(unsigned int first, unsigned int last) {
    return close_range(first, last, 0);
}

/* The system calls themselves, here and below: glibc's functions leave out its own two signals,
 * which can end a process as any other, and which its posix_spawn may leave ignored. */
static int set_signal_mask(uint64_t mask) {
    return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

int clinux_block_signals(void) {
    return set_signal_mask(~UINT64_C(0));
}

int clinux_unblock_signals(void) {
    return set_signal_mask(0);
}

void clinux_reset_signal_actions(void) {
    /* All zeros is the default action. Fails for SIGKILL and SIGSTOP only. */
    static const unsigned long default_action[4];
    for (int number = 1; number < NSIG; number++) {
        (void)syscall(SYS_rt_sigaction, number, default_action, NULL, sizeof(uint64_t));
    }
}

int clinux_blocking_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int clinux_message_pair(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

int clinux_pipe_capacity(int descriptor) {
    return fcntl(descriptor, F_GETPIPE_SZ);
}

int clinux_reserve(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}

int clinux_punch(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int clinux_make_mount_slave(const char *path, int recursive) {
    return mount(NULL, path, NULL, MS_SLAVE | (recursive ? MS_REC : 0UL), NULL);
}

int clinux_mount_proc(void) {
    return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}
