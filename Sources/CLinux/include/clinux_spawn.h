#ifndef CLINUX_SPAWN_H
#define CLINUX_SPAWN_H

#include <sys/types.h>

/* What posix_spawn(3) of glibc 2.36 cannot do: a child that is born into a control group. To move
 * there takes a process until every processor of the host was idle or in the kernel once, often ten
 * milliseconds, and meanwhile nobody on the host can fork (cgroup_threadgroup_rwsem). */
struct clinux_spawn {
    const char *path;
    char *const *arguments;
    char *const *environment;
    /* In this order each source becomes its target; nothing else is open in the child. */
    const int *sources;
    const int *targets;
    int count;
    /* A directory. */
    int cgroup;
};

/* Starts a program as posix_spawn(3) does, with default signal actions and none blocked, and
 * answers its PID, or the negative of an errno(3): ENOSYS on other processors than x86-64. The
 * caller's thread sleeps until the child executes the program. */
pid_t clinux_spawn(const struct clinux_spawn *spawn, int *pidfd);

/* What the child does about its descriptors: each source becomes its target, all others are closed.
 * Answers -1 and sets errno on failure. */
int clinux_take_descriptors(const struct clinux_spawn *spawn);

#endif
