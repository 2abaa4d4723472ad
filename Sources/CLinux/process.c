#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/close_range.h>
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

int clinux_close_range_on_exec(unsigned int first) {
    return close_range(first, ~0U, CLOSE_RANGE_CLOEXEC);
}

int clinux_block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    return sigprocmask(SIG_SETMASK, &all, NULL);
}

int clinux_reset_signals(void) {
    /* sigaction(2) itself, because glibc's refuses its own two signals, which its posix_spawn may
     * leave ignored. All zeros is the default action. Fails for SIGKILL and SIGSTOP only. */
    static const unsigned long default_action[4];
    for (int number = 1; number < NSIG; number++) {
        (void)syscall(SYS_rt_sigaction, number, default_action, NULL, sizeof(uint64_t));
    }
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
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

int clinux_make_mount_slave(const char *path, int recursive) {
    return mount(NULL, path, NULL, MS_SLAVE | (recursive ? MS_REC : 0UL), NULL);
}

int clinux_mount_proc(void) {
    return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}
