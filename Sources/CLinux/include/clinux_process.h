#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <malloc.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/types.h>

/* What the shim needs and Swift cannot import: variadic calls, macros, GNU extensions. Each
 * returns -1 and sets errno on failure, as the call it stands for. */

/* clone3(2) in the shape of fork(2): 0 in the child, which has a copy of the memory. The child is
 * born into the control group that `cgroup` has open, unless that is -1.
 *
 * Without namespaces and group it is fork(2) itself: container engines answer clone3 with ENOSYS,
 * because their filters cannot look into its argument.
 *
 * For processes with one thread only: after clone3 the C library's fork handlers do not run, and
 * its cached thread id stays the parent's, which only raise(3) and abort(3) would notice. */
pid_t clinux_fork(uint64_t namespaces, int cgroup);

/* vfork(2) for more than it allows: calls `begin`, which must not return, in a child that has the
 * caller's memory and a stack of its own, with a guard page below, and comes back when the child
 * has executed a program or is gone.
 *
 * Nothing is copied, so it costs a fraction of a fork; what the child allocates stays allocated.
 * For processes with one thread. */
pid_t clinux_fork_in_place(void (*begin)(void *), void *context);

/* Calls fdatasync(2) in a child that has nothing else open than `descriptor` and `answer`, and
 * that writes an errno(3) or 0, as an int, to `answer`.
 *
 * The child lives in the caller's memory, where it costs a fraction of a fork(2), on a stack that
 * is never given back: nobody knows when it is done with it. It leaves the caller's errno alone.
 * For few calls, by a process with one thread and every signal blocked. */
pid_t clinux_synchronize_aside(int descriptor, int answer);

extern const uint64_t clinux_new_pid_namespace;
extern const uint64_t clinux_new_mount_namespace;

/* prctl(2) with one argument. */
int clinux_process_control(int option, unsigned long value);

/* close_range(2). */
int clinux_close_range(unsigned int first, unsigned int last);

/* Blocks every signal that can be blocked. */
int clinux_block_signals(void);

/* Blocks no signal. */
int clinux_unblock_signals(void);

/* Gives every signal its default action. One that is ignored stays so over execve(2), signal(7),
 * and with SIGCHLD ignored no child leaves a status, wait(2). */
void clinux_reset_signal_actions(void);

/* pipe2(2) with O_CLOEXEC; both ends block. */
int clinux_blocking_pipe(int ends[2]);

/* socketpair(2): two connected ends that keep message boundaries and see each other's end. */
int clinux_message_pair(int ends[2]);

/* fcntl(2), F_GETPIPE_SZ. */
int clinux_pipe_capacity(int descriptor);

/* fallocate(2) with FALLOC_FL_KEEP_SIZE: space for a later write, unseen by readers. */
int clinux_reserve(int descriptor, int64_t offset, int64_t length);

/* fallocate(2) with FALLOC_FL_PUNCH_HOLE: gives the space back; what was there reads as zeros, and
   the size of the file and all offsets stay as they are. */
int clinux_punch(int descriptor, int64_t offset, int64_t length);

/* mount(2): what happens elsewhere to mounts still arrives below `path`; nothing leaves. */
int clinux_make_mount_slave(const char *path, int recursive);

/* mount(2): the /proc of the caller's PID namespace, over the one that is there. */
int clinux_mount_proc(void);

#endif
