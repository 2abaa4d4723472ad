/* Runs a program again and again, a fixed number at a time, and says how long each run took: what any
 * server that starts processes must do at least (posix_spawn, a pidfd, epoll), and what drives crun.
 *
 *   spawn IN-FLIGHT COUNT PROGRAM ARGUMENT…
 *
 * "%d" in an argument is the number of the run. Writes, for each run, a line "STARTED ENDED" in
 * microseconds: until posix_spawn returned, and until the program was reaped. A last line tells
 * "total SECONDS CPU BEGAN", the processor time of this program alone, and when it began. */
#define _GNU_SOURCE
#include "../load/clock.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct run {
    double asked;
    double started;
    double ended;
    int pidfd;
};

static char **numbered(char **words, int number) {
    int count = 0;
    while (words[count] != NULL) count++;
    char **result = calloc((size_t)count + 1, sizeof *result);
    for (int index = 0; index < count; index++) {
        char *mark = strstr(words[index], "%d");
        const char *word = words[index], *rest = mark == NULL ? "" : mark + 2;
        int written = mark == NULL
            ? asprintf(&result[index], "%s", word)
            : asprintf(&result[index], "%.*s%d%s", (int)(mark - word), word, number, rest);
        if (written < 0) errx(1, "out of memory");
    }
    return result;
}

static void begin(struct run *run, int number, char **words, int epoll) {
    char **arguments = numbered(words, number);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    run->asked = now();
    int error = posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environ);
    if (error != 0) errx(1, "%s: %s", arguments[0], strerror(error));
    run->started = now();
    run->pidfd = pidfd_open(pid, 0);
    if (run->pidfd < 0) err(1, "pidfd_open");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = run};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, run->pidfd, &event) != 0) err(1, "epoll_ctl");
    posix_spawn_file_actions_destroy(&actions);
    for (char **argument = arguments; *argument != NULL; argument++) free(*argument);
    free(arguments);
}

/* A child that is about to execute still has a copy of the pidfd, which would keep its event alive. */
static void end(struct run *run, int epoll) {
    siginfo_t how;
    if (epoll_ctl(epoll, EPOLL_CTL_DEL, run->pidfd, NULL) != 0) err(1, "epoll_ctl");
    if (waitid(P_PIDFD, (id_t)run->pidfd, &how, WEXITED) != 0) err(1, "waitid");
    run->ended = now();
    if (how.si_code != CLD_EXITED || how.si_status != 0)
        errx(1, "a run ended with %d", how.si_status);
    close(run->pidfd);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 4) errx(64, "see the beginning of spawn.c");
    int in_flight = atoi(arguments[1]), count = atoi(arguments[2]);
    struct run *runs = calloc((size_t)count, sizeof *runs);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    double begun = now(), begun_processor = processor_time();
    int next = 0, over = 0;
    while (next < in_flight && next < count) begin(&runs[next], next, arguments + 3, epoll), next++;
    while (over < count) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) < 1) {
            if (errno == EINTR) continue;
            err(1, "epoll_wait");
        }
        end(event.data.ptr, epoll);
        over++;
        if (next < count) begin(&runs[next], next, arguments + 3, epoll), next++;
    }
    double total = now() - begun, used = processor_time() - begun_processor;
    for (int run = 0; run < count; run++) {
        double started = runs[run].started - runs[run].asked;
        printf("%.1f %.1f\n", started * 1e6, (runs[run].ended - runs[run].asked) * 1e6);
    }
    printf("total %.6f %.6f %.6f\n", total, used, begun);
    return 0;
}
