#define _GNU_SOURCE
#include "clinux_io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

const char *clinux_errno_name(int number) { return strerrorname_np(number); }

const char *clinux_errno_sentence(int number) { return strerrordesc_np(number); }

int clinux_accept(int listener) {
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_unsent_bytes(int socket) {
    int count;
    return ioctl(socket, SIOCOUTQNSD, &count) == 0 ? count : -1;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_NONBLOCK | O_CLOEXEC); }

ssize_t clinux_read_cached(int descriptor, void *bytes, size_t count, int64_t offset) {
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    return preadv2(descriptor, &part, 1, offset, RWF_NOWAIT);
}

int clinux_memory_file(const char *name) {
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int clinux_seal(int descriptor) {
    return fcntl(
        descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

void clinux_prepare_signals(void) {
    struct sigaction child;
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGCHLD, NULL, &child);
    if (child.sa_handler == SIG_IGN || (child.sa_flags & SA_NOCLDWAIT) != 0) {
        signal(SIGCHLD, SIG_DFL);
    }
}

int clinux_reap(int pidfd, int *exited, int *code) {
    siginfo_t info = {0};
    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) != 0) return -1;
    if (info.si_pid == 0) return 0;
    *exited = info.si_code == CLD_EXITED;
    *code = info.si_status;
    return 1;
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int clinux_signal_with_value(int pidfd, int number, int value) {
    siginfo_t info = {0};
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = value;
    return pidfd_send_signal(pidfd, number, &info, 0);
}

int clinux_synchronize_file_system(int descriptor) { return syncfs(descriptor); }

/* Makes a free loop device one of the open file; another process may be faster (EBUSY). */
static int configure_loop(int file, char *path, size_t path_size) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) return -1;
    struct loop_config config = {
        .fd = (unsigned int)file,
        .info = {.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR},
    };
    int device = -1;
    do {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0) break;
        snprintf(path, path_size, "/dev/loop%d", number);
        device = open(path, O_RDONLY | O_CLOEXEC);
        if (device < 0) break;
        if (ioctl(device, LOOP_CONFIGURE, &config) == 0) break;
        int error = errno;
        close(device);
        device = -1;
        errno = error;
    } while (errno == EBUSY);
    int error = errno;
    close(control);
    errno = error;
    return device;
}

int clinux_mount_squashfs(const char *file, const char *directory) {
    int image = open(file, O_RDONLY | O_CLOEXEC);
    if (image < 0) return -1;
    char path[32];
    int device = configure_loop(image, path, sizeof path);
    int result = -1;
    if (device >= 0) {
        unsigned long flags = MS_RDONLY | MS_NODEV | MS_NOSUID;
        result = mount(path, directory, "squashfs", flags, NULL);
    }
    int error = errno;
    /* With the last one that has it open, a device without a mount is free again. */
    if (device >= 0) close(device);
    close(image);
    errno = error;
    return result;
}

int clinux_detach_mount(const char *directory) {
    return umount2(directory, MNT_DETACH | UMOUNT_NOFOLLOW);
}
