#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { targets_max = 12, name_size_max = 96 };

/* What is asked for. With it come descriptors: a line to whoever asks, for the answer and for the
 * child, which hears there that it may begin; the sources; and the group if any. */
struct request {
    int has_cgroup;
    int count;
    int targets[targets_max];
    /* The arguments, each with its NUL. */
    size_t name_size;
    char name[name_size_max];
};

enum { descriptors_max = targets_max + 2 };

/* Aligned as CMSG_FIRSTHDR wants it; cmsg(3). */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(descriptors_max * sizeof(int))];
};

/* ---- Whoever asks ---- */

static int write_request(struct request *request, const struct clinux_spawn *spawn) {
    if (spawn->count > targets_max) return -1;
    request->has_cgroup = spawn->cgroup >= 0;
    request->count = spawn->count;
    memcpy(request->targets, spawn->targets, (size_t)spawn->count * sizeof(int));
    for (char *const *argument = spawn->arguments; *argument != NULL; argument++) {
        size_t size = strlen(*argument) + 1;
        if (size > name_size_max - request->name_size) return -1;
        memcpy(request->name + request->name_size, *argument, size);
        request->name_size += size;
    }
    return 0;
}

static int send_request(int door, const struct clinux_spawn *spawn, int line) {
    struct request request = {0};
    if (write_request(&request, spawn) != 0) return -EINVAL;
    int descriptors[descriptors_max] = {line}, count = 1 + spawn->count;
    memcpy(descriptors + 1, spawn->sources, (size_t)spawn->count * sizeof(int));
    if (request.has_cgroup) descriptors[count++] = spawn->cgroup;

    union control control = {0};
    size_t size = (size_t)count * sizeof(int);
    control.header = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(size)};
    memcpy(CMSG_DATA(&control.header), descriptors, size);
    struct iovec part = {.iov_base = &request, .iov_len = sizeof request};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
        .msg_controllen = CMSG_SPACE(size)};
    ssize_t sent;
    do sent = sendmsg(door, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

/* A nursery that has died has let go of its end. If it has had the child already, that one still
 * has it, and patience ends the wait. */
static pid_t read_answer(int line, int patience) {
    struct pollfd wanted = {.fd = line, .events = POLLIN};
    int found;
    do found = poll(&wanted, 1, patience);
    while (found < 0 && errno == EINTR);
    if (found == 0) return -ETIMEDOUT;
    pid_t answer;
    ssize_t count;
    do count = read(line, &answer, sizeof answer);
    while (count < 0 && errno == EINTR);
    return count == sizeof answer ? answer : -EPIPE;
}

pid_t clinux_ask_nursery(int door, const struct clinux_spawn *spawn, int patience, int *start) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
    pid_t answer = send_request(door, spawn, ends[1]);
    close(ends[1]);
    if (answer == 0) answer = read_answer(ends[0], patience);
    if (answer > 0 || answer == -ETIMEDOUT) {
        *start = ends[0];
    } else {
        close(ends[0]);
    }
    return answer;
}

void clinux_let_start(int start) {
    ssize_t sent = send(start, "", 1, MSG_NOSIGNAL);
    (void)sent; /* One that has been killed meanwhile is seen to have ended. */
    close(start);
}

pid_t clinux_end_unheard(int start, int patience) {
    shutdown(start, SHUT_WR);
    pid_t child = read_answer(start, patience);
    close(start);
    if (child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    }
    return child;
}

/* ---- The nursery ---- */

/* Everything below the door is taken, so that no descriptor that comes is some child's target. */
static int prepare_descriptors(int door) {
    int place = fcntl(door, F_DUPFD_CLOEXEC, targets_max);
    if (place < 0) return -1;
    for (int number = 3; number < place; number++) {
        if (dup3(STDOUT_FILENO, number, O_CLOEXEC) < 0) return -1;
    }
    return close_range((unsigned int)place + 1, ~0U, 0) == 0 ? place : -1;
}

/* Answers how many descriptors came; 0 at the end, or when a request cannot be understood. */
static int receive_request(int door, struct request *request, int *descriptors) {
    union control control = {0};
    struct iovec part = {.iov_base = request, .iov_len = sizeof *request};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
        .msg_controllen = sizeof control.room};
    ssize_t size;
    do size = recvmsg(door, &message, MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (size != sizeof *request || header == NULL || message.msg_flags & MSG_CTRUNC) return 0;
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(descriptors, CMSG_DATA(header), (size_t)count * sizeof(int));
    return count == 1 + request->count + request->has_cgroup ? count : 0;
}

/* The child's parent is the nursery's, who may wait for it. */
static pid_t fork_sibling(int cgroup) {
    struct clone_args arguments = {.flags = CLONE_PARENT};
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    return pid < 0 ? -errno : (pid_t)pid;
}

/* proc_pid_cmdline(5) shows the very bytes that the kernel laid down for main(). */
static void be_named(const struct request *request, char **arguments) {
    memcpy(arguments[0], request->name, request->name_size);
}

static size_t room_for_name(char **arguments) {
    char **last = arguments;
    while (last[1] != NULL) last++;
    return (size_t)(*last - arguments[0]) + strlen(*last) + 1;
}

static void tell(int line, pid_t pid) {
    ssize_t written = send(line, &pid, sizeof pid, MSG_NOSIGNAL);
    (void)written; /* Nobody listens any more. */
}

/* Its own descriptors are closed before whoever asked hears of the child: that one's end shall be
 * the end of its locks, too. */
static void answer(int *descriptors, int count, pid_t pid) {
    for (int index = 1; index < count; index++) close(descriptors[index]);
    tell(descriptors[0], pid);
    close(descriptors[0]);
}

/* The nursery may have died before its answer: whoever asked must know whom to reap. */
static _Noreturn void end_unstarted(int line) {
    tell(line, getpid());
    _exit(127);
}

/* A child begins only when whoever asked for it has got hold of it. If nobody listens any more
 * there never was one: another may be had for the same purpose. */
static int may_start(int line) {
    char go;
    ssize_t count;
    do count = read(line, &go, 1);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

int clinux_run_nursery(int door, char **arguments) {
    struct request request;
    int descriptors[descriptors_max], count;
    size_t room = room_for_name(arguments);
    door = prepare_descriptors(door);
    while (door >= 0 && (count = receive_request(door, &request, descriptors)) > 0) {
        int cgroup = request.has_cgroup ? descriptors[count - 1] : -1;
        pid_t pid = request.name_size == room ? fork_sibling(cgroup) : -EINVAL;
        if (pid == 0) {
            be_named(&request, arguments);
            if (!may_start(descriptors[0])) end_unstarted(descriptors[0]);
            struct clinux_spawn spawn = {
                .sources = descriptors + 1, .targets = request.targets, .count = request.count};
            if (clinux_take_descriptors(&spawn) != 0) _exit(127);
            return 1;
        }
        answer(descriptors, count, pid);
    }
    return 0;
}
