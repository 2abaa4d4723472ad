// Other processes: seeing, reading, stopping and steering them.

#include "adversary.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static bool sees(void) {
    DIR *processes = opendir("/proc");
    if (!processes) return false;
    for (struct dirent *entry; (entry = readdir(processes));) {
        if (atoi(entry->d_name) > 0 && is_sentinel((pid_t)atoi(entry->d_name))) return true;
    }
    return false;
}

static bool reads_environment(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)sentinel_pid);
    return file_contains(path, SECRET);
}

static bool reads_memory(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)sentinel_pid);
    return is_sentinel(sentinel_pid) && opens(path, O_RDONLY);
}

static bool copies_memory(void) {
    // The address of the sentinel's arguments, of which the first begins with our own name.
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)sentinel_pid);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file)) return false;
    char *field = strrchr(line, ')');
    // After the name come fields 3 to 52 of proc_pid_stat(5); arg_start is number 48.
    for (int number = 2; field && number < 48; number++) field = strchr(field + 1, ' ');
    if (!field) return false;
    char found[16] = {0};
    struct iovec local = {found, 8};
    struct iovec remote = {(void *)strtoul(field, NULL, 10), 8};
    return is_sentinel(sentinel_pid)
        && process_vm_readv(sentinel_pid, &local, 1, &remote, 1, 0) > 0;
}

static bool signals(void) {
    return is_sentinel(sentinel_pid) && kill(sentinel_pid, SIGUSR1) == 0;
}

static bool traces(void) {
    if (!is_sentinel(sentinel_pid)) return false;
    if (ptrace(PTRACE_SEIZE, sentinel_pid, NULL, NULL) != 0) return false;
    ptrace(PTRACE_INTERRUPT, sentinel_pid, NULL, NULL);
    waitpid(sentinel_pid, NULL, __WALL);
    return ptrace(PTRACE_DETACH, sentinel_pid, NULL, NULL) == 0;
}

static bool takes_descriptor(void) {
    if (!is_sentinel(sentinel_pid)) return false;
    int process = (int)syscall(SYS_pidfd_open, sentinel_pid, 0);
    return process >= 0 && syscall(SYS_pidfd_getfd, process, 0, 0) >= 0;
}

// Its root directory is the host's, whatever ours is.
static bool walks_through_root(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/root/etc/shadow", (int)sentinel_pid);
    return file_contains(path, SECRET);
}

static bool slows(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)sentinel_pid);
    return is_sentinel(sentinel_pid) && opens(path, O_WRONLY);
}

// The first process of a sandbox is its keeper: who steers that one is not held any more.
static bool steers_keeper(void) { return !is_first_process() && opens("/proc/1/mem", O_RDWR); }
static bool reads_keeper(void) { return !is_first_process() && opens("/proc/1/environ", O_RDONLY); }
static bool takes_descriptor_of_keeper(void) {
    char path[64];
    for (int number = 0; !is_first_process() && number < 64; number++) {
        snprintf(path, sizeof path, "/proc/1/fd/%d", number);
        if (opens(path, O_RDONLY) || opens(path, O_WRONLY)) return true;
    }
    return false;
}

const struct attempt process_attempts[] = {
    {"see a process of the host", sees},
    {"read the environment of a process of the host", reads_environment},
    {"open the memory of a process of the host", reads_memory},
    {"copy the memory of a process of the host", copies_memory},
    {"signal a process of the host", signals},
    {"trace a process of the host", traces},
    {"take a descriptor of a process of the host", takes_descriptor},
    {"walk through the root of a process of the host", walks_through_root},
    {"put a process of the host first in line for the OOM killer", slows},
    {"open the memory of its keeper", steers_keeper},
    {"read the environment of its keeper", reads_keeper},
    {"take a descriptor of its keeper", takes_descriptor_of_keeper},
    {NULL, NULL},
};
