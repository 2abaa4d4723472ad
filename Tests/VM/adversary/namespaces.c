// Namespaces, mounts and control groups: leaving them, making more, and what comes with those.

#include "adversary.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

// Takes back what it has mounted: on an unconfined run the next attempts need the host as it was.
static bool mounts_on(const char *place, const char *kind, const char *options) {
    mkdir(place, 0700);
    return mount(kind, place, kind, 0, options) == 0 && umount2(place, MNT_DETACH) == 0;
}

static bool mounts(void) { return mounts_on("/tmp/mounted", "tmpfs", NULL); }

static bool mounts_anew(void) {
    return syscall(SYS_fsopen, "tmpfs", 0) >= 0;
}

static bool remounts(void) {
    return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0;
}

// Nothing is mounted there: EINVAL says that only the place was refused.
static bool unmounts(void) {
    mkdir("/tmp/nothing", 0700);
    return umount2("/tmp/nothing", 0) != 0 && errno == EINVAL;
}

static bool sees_mounts(void) { return file_contains("/proc/self/mountinfo", " /data "); }

static bool joins_host(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)sentinel_pid);
    int namespace = open(path, O_RDONLY);
    return namespace >= 0 && setns(namespace, CLONE_NEWNS) == 0
        && file_contains("/etc/shadow", SECRET);
}

// A user namespace of one's own gives every capability in it, and with them most of what the
// kernel's bugs have needed.
static bool nests(void) { return unshare(CLONE_NEWUSER) == 0; }

static bool nests_and_mounts(void) {
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && mounts();
}

static bool clones_namespace(void) {
    pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    return child > 0;
}

// The same by a call whose flags no filter can see.
static bool clones_unseen(void) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0) _exit(0);
    return child > 0;
}

// The same as unmounts(), by the numbers of 32-bit programs.
static bool unmounts_by_old_numbers(void) {
    static const char place[] = "/tmp/nothing";
    long answer;
    mkdir(place, 0700);
    // umount2 is number 52 there, and the text lies below 4 GiB since this program is static.
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(52L), "b"(place), "c"(0L) : "memory");
    return answer == -EINVAL;
}

static bool renames_host(void) {
    struct utsname names;
    return uname(&names) == 0 && sethostname(names.nodename, strlen(names.nodename)) == 0;
}

static bool leaves_group(void) { return opens("/sys/fs/cgroup/cgroup.procs", O_WRONLY); }
static bool makes_group(void) {
    return mkdir("/sys/fs/cgroup/adversary", 0700) == 0 && rmdir("/sys/fs/cgroup/adversary") == 0;
}

static bool mounts_groups(void) { return mounts_on("/tmp/groups", "cgroup2", NULL); }

// Version 1: the program named there is run by the kernel, as the host's root; CVE-2022-0492.
static bool sets_release_agent(void) {
    mkdir("/tmp/agent", 0700);
    if (mount("cgroup", "/tmp/agent", "cgroup", 0, "none,name=adversary") != 0) return false;
    bool succeeds = opens("/tmp/agent/release_agent", O_WRONLY);
    return umount2("/tmp/agent", MNT_DETACH) == 0 && succeeds;
}

const struct attempt namespace_attempts[] = {
    {"mount a file system", mounts},
    {"mount a file system in the new way", mounts_anew},
    {"mount the root again", remounts},
    {"unmount", unmounts},
    {"see the host's mounts", sees_mounts},
    {"join the host's mount namespace", joins_host},
    {"make a user namespace", nests},
    {"mount in a user namespace of its own", nests_and_mounts},
    {"be born into namespaces of its own", clones_namespace},
    {"be born into namespaces of its own, unseen", clones_unseen},
    {"unmount by the numbers of 32-bit programs", unmounts_by_old_numbers},
    {"name the host", renames_host},
    {"leave its control group", leaves_group},
    {"make a control group", makes_group},
    {"mount the control groups", mounts_groups},
    {"set a release agent", sets_release_agent},
    {NULL, NULL},
};
