// Takes as much of something as there is, up to what no job may ever get here. The suite gives
// the job a limit far below that; unconfined, all of it can be had.

#include "adversary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Processes, all at once. They end with the first one.
static long forks(void) {
    long count = 0;
    for (; count < 500; count++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) pause();
        }
    }
    return count;
}

// MiB of memory, each page touched. Where there is a limit this does not return.
static long takes_memory(void) {
    long count = 0;
    for (; count < 256; count++) {
        const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
        char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (block == MAP_FAILED) break;
        memset(block, 1, 1 << 20);
    }
    return count;
}

// Files in the one place that everybody may write to.
static long makes_files(void) {
    char path[64];
    long count = 0;
    for (; count < 200000; count++) {
        snprintf(path, sizeof path, "/tmp/bomb-%ld", count);
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (file < 0) break;
        close(file);
    }
    return count;
}

// MiB in such a file.
static long fills_files(void) {
    static char block[1 << 20];
    long count = 0;
    int file = open("/tmp/bomb", O_WRONLY | O_CREAT, 0600);
    memset(block, 1, sizeof block);
    while (file >= 0 && count < 256 && write(file, block, sizeof block) == sizeof block) count++;
    return count;
}

// MiB of output.
static long writes_log(void) {
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    long count = 0;
    for (; count < 64; count++) {
        for (size_t done = 0; done < sizeof block;) {
            ssize_t more = write(STDOUT_FILENO, block + done, sizeof block - done);
            if (more < 0) return count;
            done += (size_t)more;
        }
    }
    return count;
}

// Makes many processes of one, which end with the first.
static void multiply(int count) {
    for (int number = 1; number < count; number++) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            return;
        }
    }
}

// Seconds, by sixteen processes that do nothing else than compute; what they got, the group's
// cpu.stat says.
static long burns(void) {
    multiply(16);
    time_t end = time(NULL) + 600;
    while (time(NULL) < end) {}
    return 600;
}

// Seconds, by eight processes that read the program from the disk and not from the cache, and have
// the kernel write all it has to every disk.
static long reads_and_syncs(void) {
    multiply(8);
    int program = open("/proc/self/exe", O_RDONLY | O_DIRECT);
    void *block = NULL;
    if (program < 0 || posix_memalign(&block, 4096, 1 << 16) != 0) return 0;
    time_t end = time(NULL) + 600;
    while (time(NULL) < end) {
        for (off_t place = 0; pread(program, block, 1 << 16, place) > 0; place += 1 << 16) {}
        sync();
    }
    return 600;
}

// Instances of inotify(7), of which a user may have so many at a time.
static long watches(void) {
    long count = 0;
    while (count < 500 && inotify_init1(IN_CLOEXEC) >= 0) count++;
    return count;
}

// Signals that wait to be taken; with these, too, the kernel counts for each user.
static long queues_signals(void) {
    long count = 0;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGRTMAX);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    while (count < 100000 && sigqueue(getpid(), SIGRTMAX, (union sigval){0}) == 0) count++;
    return count;
}

int drop_bomb(const char *kind, bool keeps) {
    static const struct { const char *name; long (*explode)(void); } bombs[] = {
        {"fork", forks}, {"memory", takes_memory}, {"inode", makes_files},
        {"disk", fills_files}, {"log", writes_log}, {"cpu", burns},
        {"io", reads_and_syncs}, {"watch", watches}, {"signal", queues_signals},
    };
    for (size_t index = 0; index < sizeof bombs / sizeof bombs[0]; index++) {
        if (strcmp(bombs[index].name, kind) != 0) continue;
        fprintf(stderr, "%s %ld\n", kind, bombs[index].explode());
        while (keeps) pause();
        return 0;
    }
    return 64;
}
