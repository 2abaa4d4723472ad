// Becoming more than one is: identities, keys, priorities and bounds.

#include "adversary.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The suite has made a copy of this program that belongs to root and is set-user-ID.
static bool gains_by_set_user_id(void) {
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) {
        // Nothing to gain for one who cannot be somebody else; who is root already has it all.
        if (geteuid() == 0) return false;
    }
    execl("/usr/bin/adversary-suid", "adversary-suid", "am-i-root", NULL);
    return false;
}

static bool finds_key(void) {
    return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", SENTINEL_KEY, 0) > 0;
}

// A key of one's own stays in the kernel when one is gone, and counts against the user.
static bool leaves_key(void) {
    return syscall(SYS_add_key, "user", "left", "x", 1, KEY_SPEC_USER_KEYRING) > 0;
}

static bool raises_priority(void) {
    return setpriority(PRIO_PROCESS, 0, -20) == 0 && getpriority(PRIO_PROCESS, 0) == -20;
}

static bool runs_in_real_time(void) {
    struct sched_param parameters = {.sched_priority = 1};
    return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

static bool raises_bounds(void) {
    struct rlimit bounds;
    if (getrlimit(RLIMIT_NOFILE, &bounds) != 0) return false;
    bounds.rlim_max += 1;
    return setrlimit(RLIMIT_NOFILE, &bounds) == 0;
}

// Never to be killed, nearly never, or just before one who is as one was born: the lowest score
// that a process may take is inherited, and needs not be the one it has.
static bool escapes_oom_killer(void) {
    int file = open("/proc/self/oom_score_adj", O_RDWR);
    char text[16] = {0}, less[16];
    if (file < 0 || pread(file, text, sizeof text - 1, 0) <= 0) return false;
    snprintf(less, sizeof less, "%d", atoi(text) - 1);
    const char *scores[] = {"-1000", "-999", less};
    for (int number = 0; number < 3; number++) {
        if (pwrite(file, scores[number], strlen(scores[number]), 0) > 0) return true;
    }
    return false;
}

const struct attempt privilege_attempts[] = {
    {"become root by a set-user-ID program", gains_by_set_user_id},
    {"find a key of the host", finds_key},
    {"leave a key in the kernel", leaves_key},
    {"raise its priority", raises_priority},
    {"run in real time", runs_in_real_time},
    {"raise its bounds", raises_bounds},
    {"escape the OOM killer", escapes_oom_killer},
    {NULL, NULL},
};
