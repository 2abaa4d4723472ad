// What was left open, and what it leads to: CVE-2024-21626 and CVE-2019-5736.

#include "adversary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// Any descriptor but the three: whatever it is, nobody gave it to us.
static bool finds_descriptor(void) {
    for (int number = 3; number < 4096; number++) {
        if (fcntl(number, F_GETFD) >= 0) return true;
    }
    return false;
}

static bool walks_from_descriptor(void) {
    for (int number = 0; number < 4096; number++) {
        int file = openat(number, "../../../../etc/shadow", O_RDONLY);
        if (file >= 0) return file_contains("/etc/shadow", SECRET);
    }
    return false;
}

// A working directory outside of the root is as good as a descriptor.
static bool walks_from_here(void) {
    return file_contains("../../../../../../../../etc/shadow", SECRET);
}

// Replaces the host's program that the first process runs, if that is not ours already. While it
// runs, a write is answered with ETXTBSY, and with something else where nobody may ever write.
static bool overwrites_init(void) {
    char again[64];
    if (is_first_process()) return false;
    int program = open("/proc/1/exe", O_PATH | O_CLOEXEC);
    if (program < 0) return false;
    snprintf(again, sizeof again, "/proc/self/fd/%d", program);
    return open(again, O_WRONLY) >= 0 || errno == ETXTBSY;
}

// Types at a terminal, which a shell on the other side takes for its user.
static bool types(const char *path) {
    char blank = ' ';
    int terminal = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    return terminal >= 0 && ioctl(terminal, TIOCSTI, &blank) == 0;
}

static bool types_at_terminals(void) {
    const char *const terminals[] = {"/dev/console", "/dev/ttyS0", "/dev/tty", "/dev/tty1"};
    char blank = ' ';
    for (int number = 0; number < 3; number++) {
        if (ioctl(number, TIOCSTI, &blank) == 0) return true;
    }
    for (size_t index = 0; index < sizeof terminals / sizeof terminals[0]; index++) {
        if (types(terminals[index])) return true;
    }
    return false;
}

const struct attempt descriptor_attempts[] = {
    {"find a descriptor that was left open", finds_descriptor},
    {"walk out from a descriptor", walks_from_descriptor},
    {"walk out from the working directory", walks_from_here},
    {"overwrite the program of the first process", overwrites_init},
    {"type at a terminal", types_at_terminals},
    {NULL, NULL},
};
