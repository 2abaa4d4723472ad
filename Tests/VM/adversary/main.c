// Tries to get out of where it runs, in every way it knows, and says which have worked.
//
// `adversary attempts SENTINEL-PID FOREIGN-LOG` prints a line for each: `CONTAINED name` or
// `ESCAPED name`. It really does what it says, so it belongs into a virtual machine. There the same
// program, run by root and unconfined, must escape in every way: else an attempt proves nothing.
// Anywhere but on an emulated processor it refuses to do anything, whoever asks and whatever for.
// `adversary sentinel` plays what is to be reached; `adversary bomb KIND` takes all it can,
// and `adversary hoard KIND` keeps it.

#include "adversary.h"

#include <cpuid.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t sentinel_pid;
const char *foreign_log;

static const struct attempt *const all_attempts[] = {
    process_attempts, file_attempts, descriptor_attempts, kernel_attempts,
    namespace_attempts, network_attempts, privilege_attempts,
};

bool file_contains(const char *path, const char *words) {
    static char text[65536];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    return length > 0 && memmem(text, (size_t)length, words, strlen(words)) != NULL;
}

bool opens(const char *path, int flags) {
    int file = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file >= 0) close(file);
    return file >= 0;
}

bool is_sentinel(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    return file_contains(path, SENTINEL_NAME);
}

bool is_first_process(void) {
    struct stat first, own;
    return stat("/proc/1/exe", &first) == 0 && stat("/proc/self/exe", &own) == 0
        && first.st_dev == own.st_dev && first.st_ino == own.st_ino;
}

// In a process of its own, because an attempt may be punished with death, or not come back. One
// that is killed, or does not answer in time, has not worked.
static bool works(const struct attempt *attempt) {
    pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        alarm(10);
        _exit(attempt->succeeds() ? 0 : 1);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static const char *verdict(const struct attempt *attempt) {
    return works(attempt) ? "ESCAPED" : "CONTAINED";
}

static const char *none(const struct attempt *attempt) {
    (void)attempt;
    return "UNTRIED";
}

static int report(const char *(*verdict_of)(const struct attempt *)) {
    for (size_t group = 0; group < sizeof all_attempts / sizeof all_attempts[0]; group++) {
        for (const struct attempt *attempt = all_attempts[group]; attempt->name; attempt++) {
            printf("%s %s\n", verdict_of(attempt), attempt->name);
            fflush(stdout);
        }
    }
    return 0;
}

// Whether the processor is QEMU's own: the name of the hypervisor is in leaf 0x40000000. A job
// that sees no files can still ask, and the machine of whoever builds this answers otherwise.
static bool is_emulated(void) {
    unsigned int highest, name[3] = {0};
    __cpuid(0x40000000, highest, name[0], name[1], name[2]);
    return memcmp(name, "TCGTCGTCGTCG", sizeof name) == 0;
}

int main(int count, char **arguments) {
    if (!is_emulated()) {
        fprintf(stderr, "adversary: only in the virtual machine of Tests/VM\n");
        return 69;
    }
    if (count == 4 && strcmp(arguments[1], "attempts") == 0) {
        sentinel_pid = (pid_t)atoi(arguments[2]);
        foreign_log = arguments[3];
        return report(verdict);
    }
    if (count == 2 && strcmp(arguments[1], "list") == 0) return report(none);
    if (count == 2 && strcmp(arguments[1], "sentinel") == 0) return play_sentinel();
    if (count == 3 && strcmp(arguments[1], "bomb") == 0) return drop_bomb(arguments[2], false);
    if (count == 3 && strcmp(arguments[1], "hoard") == 0) return drop_bomb(arguments[2], true);
    // What a program of the host that is set-user-ID would be: see privileges.c.
    if (count == 2 && strcmp(arguments[1], "am-i-root") == 0) return geteuid() == 0 ? 0 : 1;
    fprintf(stderr, "usage: adversary attempts PID LOG | list | sentinel | bomb KIND | hoard KIND\n");
    return 64;
}
