#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint64_t clinux_new_user_namespace = CLONE_NEWUSER;
const uint64_t clinux_new_network_namespace = CLONE_NEWNET;
const uint64_t clinux_new_ipc_namespace = CLONE_NEWIPC;
const uint64_t clinux_new_uts_namespace = CLONE_NEWUTS;

int clinux_leave_cgroup_namespace(void) { return unshare(CLONE_NEWCGROUP); }

/* Room for one descriptor, aligned as CMSG_FIRSTHDR wants it; cmsg(3). */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

int clinux_send_descriptor(int socket, int descriptor) {
    char byte = 0;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union control control = {0};
    if (descriptor >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int clinux_receive_descriptor(int socket, int *descriptor) {
    char byte;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    union control control = {0};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof control.room,
    };
    *descriptor = -1;
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count <= 0) return (int)count;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    }
    return 1;
}

int clinux_copy_mount(const char *path, int recursive) {
    unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    return open_tree(AT_FDCWD, path, flags | (recursive ? AT_RECURSIVE : 0));
}

int clinux_restrict_mount(int mount, uint64_t attributes, int recursive) {
    struct mount_attr change = {.attr_set = attributes, .propagation = MS_PRIVATE};
    unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return mount_setattr(mount, "", flags, &change, sizeof change);
}

int clinux_map_mount(int mount, int user_namespace) {
    struct mount_attr change = {
        .attr_set = MOUNT_ATTR_IDMAP,
        .userns_fd = (uint64_t)user_namespace,
    };
    return mount_setattr(mount, "", AT_EMPTY_PATH, &change, sizeof change);
}

int clinux_place_mount(int mount, const char *path) {
    return move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int clinux_open_file_system(const char *type) { return fsopen(type, FSOPEN_CLOEXEC); }

int clinux_set_option(int file_system, const char *key, const char *value) {
    unsigned int command = value == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    return fsconfig(file_system, command, key, value, 0);
}

int clinux_make_mount(int file_system, uint64_t attributes) {
    if (fsconfig(file_system, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0) return -1;
    return fsmount(file_system, FSMOUNT_CLOEXEC, (unsigned int)attributes);
}

/* Both names are the working directory: the old root then lies over the new one, and goes. So no
 * directory is needed to put it in; see NOTES in pivot_root(2). */
int clinux_enter_root(void) {
    if (syscall(SYS_pivot_root, ".", ".") != 0) return -1;
    if (umount2(".", MNT_DETACH) != 0) return -1;
    return chdir("/");
}

/* A kernel without keyrings has none to leave. */
int clinux_join_new_keyring(void) {
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0) return 0;
    return errno == ENOSYS ? 0 : -1;
}

/* The system calls themselves: for a process with one thread only, as clinux_fork(). */
int clinux_act_as(uid_t user) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, sets) != 0) return -1;
    if (syscall(SYS_setresuid, (uid_t)-1, user, (uid_t)-1) != 0) return -1;
    (void)syscall(SYS_setfsuid, getuid());
    return (int)syscall(SYS_capset, &header, sets);
}

int clinux_set_capabilities(uint64_t capabilities) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
    for (int word = 0; word < _LINUX_CAPABILITY_U32S_3; word++) {
        sets[word].permitted = sets[word].effective = (uint32_t)(capabilities >> (32 * word));
    }
    return (int)syscall(SYS_capset, &header, sets);
}

int clinux_load_filter(const void *instructions, unsigned short count) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
