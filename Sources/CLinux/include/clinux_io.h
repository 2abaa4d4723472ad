#ifndef CLINUX_IO_H
#define CLINUX_IO_H

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>

/* "ENOENT", or NULL for a number without a name. strerrorname_np(3), glibc 2.32. */
const char *clinux_errno_name(int number);

/* The sentence of strerror(3), without its locale and without its shared buffer. */
const char *clinux_errno_sentence(int number);

/* accept4(2): the new descriptor is non-blocking and close-on-exec from birth. */
int clinux_accept(int listener);

/* What a socket has taken and not sent once. ioctl(2), SIOCOUTQNSD; -1 where there is no TCP. */
int clinux_unsent_bytes(int socket);

/* pipe2(2): both ends non-blocking and close-on-exec. */
int clinux_pipe(int ends[2]);

/* preadv2(2) with RWF_NOWAIT: EAGAIN where a plain read would wait for the disk. */
ssize_t clinux_read_cached(int descriptor, void *bytes, size_t count, int64_t offset);

/* memfd_create(2), close-on-exec, sealable. */
int clinux_memory_file(const char *name);

/* Forbids every later change of a memory file. fcntl(2), F_ADD_SEALS. */
int clinux_seal(int descriptor);

/* syncfs(2): all that was written to the file system of an open file is on its disk. */
int clinux_synchronize_file_system(int descriptor);

/* mount(2): the squashfs file system in a file, read-only, on a loop device that goes with the
 * mount. loop(4), LOOP_CONFIGURE, Linux 5.8. */
int clinux_mount_squashfs(const char *file, const char *directory);

/* umount2(2), MNT_DETACH: who holds the mount keeps it; a symbolic link is not followed. */
int clinux_detach_mount(const char *directory);

/*
 * What a loop needs of the process: writing to a pipe that nobody reads is an error, not its end,
 * and children wait to be reaped. A process may be started with SIGCHLD ignored, and then the
 * kernel would reap them itself. sigaction(2), SIG_IGN and SA_NOCLDWAIT.
 */
void clinux_prepare_signals(void);

/* Collects exactly this child. 1: it has ended, 0: it runs, -1: see errno. waitid(2), P_PIDFD. */
int clinux_reap(int pidfd, int *exited, int *code);

/* In the child, closes every descriptor from `first` on. glibc 2.34. */
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/* sigqueue(3) for a pidfd: the signal carries a number. pidfd_send_signal(2), SI_QUEUE. */
int clinux_signal_with_value(int pidfd, int number, int value);

#endif
