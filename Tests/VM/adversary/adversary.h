// A job that means harm: what its parts agree on. See main.c.
#ifndef ADVERSARY_H
#define ADVERSARY_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// What the host has that no job may get at; sentinel.c and the suite put it there.
#define SECRET "the-secret-of-the-host"
#define SENTINEL_NAME "sentinel"
#define SENTINEL_ABSTRACT "\0sentinel"
#define SENTINEL_SOCKET "/run/sentinel.sock"
#define SENTINEL_PORT 4711
#define METADATA_ADDRESS "169.254.169.254"
#define SENTINEL_KEY "sentinel"
#define SENTINEL_IPC 0x5e471e1

// One way to get out: answers whether it has worked.
struct attempt {
    const char *name;
    bool (*succeeds)(void);
};

// Each ends with a nameless one.
extern const struct attempt process_attempts[];
extern const struct attempt file_attempts[];
extern const struct attempt descriptor_attempts[];
extern const struct attempt kernel_attempts[];
extern const struct attempt namespace_attempts[];
extern const struct attempt network_attempts[];
extern const struct attempt privilege_attempts[];

// What the suite says of the host: the sentinel's process, and the log of somebody else's job.
extern pid_t sentinel_pid;
extern const char *foreign_log;

// Whether a file can be read, and has these words in its first 64 KiB.
bool file_contains(const char *path, const char *words);
// Whether a file can be opened so; nothing is written.
bool opens(const char *path, int flags);
// Whether a process is the sentinel: a number alone may mean another one inside of a namespace.
bool is_sentinel(pid_t pid);

// Whether the first process runs this very program, so that nobody else keeps us.
bool is_first_process(void);

// Plays the victim until it is killed. Answers only if it could not begin.
int play_sentinel(void);
// Takes as much of something as there is, and may keep it until it is killed. Answers whether it was
// stopped in time.
int drop_bomb(const char *kind, bool keeps);

#endif
