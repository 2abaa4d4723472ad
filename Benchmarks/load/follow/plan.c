#define _GNU_SOURCE
#include "plan.h"

#include "hash.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "follow --at HOST:PORT --ca FILE --cert FILE --key FILE --job ID[,ID…] | --get PATH [options]\n"
    "follow --hash FILE\n"
    "\n"
    "Follows what jobs write, as many clients do, and prints what came of it as JSON. Exits\n"
    "with 1 if a byte was lost or came twice, if a call ended otherwise than it should, or if\n"
    "followers of one job were not told the same.\n"
    "\n"
    "  --connections N   over so many connections (1)\n"
    "  --followers N     so many in all (1); follower i follows job i mod jobs, and each\n"
    "                    connection has a row of them\n"
    "  --job ID[,ID…]    the jobs, by their whole ids\n"
    "  --get PATH        instead a file that is served over HTTP/2, with mode whole\n"
    "  --mode MODE       whole: from the first byte to the end of the job (default)\n"
    "                    lines: what `writer lines` writes from now on; lines of the time\n"
    "                      between --warm-up and --seconds later are measured, and each is\n"
    "                      waited for; prints \"measuring\" and \"measured\" at these moments\n"
    "                    idle, closed-window, closed-socket: from the first byte; prints\n"
    "                      \"ready\" when all are answered, and stays until standard input\n"
    "                      ends. Never gives back what --window allowed, or never reads the\n"
    "                      socket again\n"
    "  --seconds S       how long lines are measured (5)\n"
    "  --warm-up S       how long they are not, before (1)\n"
    "  --patience S      how long to wait for an answer, a late line, all of a log (60)\n"
    "  --threads N       each with its share of the connections (3)\n"
    "  --frame BYTES     largest HTTP/2 frame that is taken (262144)\n"
    "  --window BYTES    of each stream (2147483647; with closed-window 65535)\n"
    "  --ciphers NAMES   of TLS 1.3, the preferred one first\n"
    "  --hash FILE       prints the XXH3-64 of a file\n";

static uint64_t number(const char *text, const char *what, uint64_t least, uint64_t most) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || *text == '-' || value < least || value > most)
        errx(64, "--%s takes a number from %lu to %lu, not %s", what, least, most, text);
    return value;
}

static double duration(const char *text, const char *what) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != 0 || !(value >= 0) || !isfinite(value))
        errx(64, "--%s takes seconds, not %s", what, text);
    return value;
}

static enum mode mode_named(const char *name) {
    static const char *const names[] = {"whole", "lines", "idle", "closed-window", "closed-socket"};
    for (size_t mode = 0; mode < sizeof names / sizeof *names; mode++)
        if (strcmp(name, names[mode]) == 0) return (enum mode)mode;
    errx(64, "no mode %s; there are whole, lines, idle, closed-window and closed-socket", name);
}

static void take_address(struct secure_target *target, char *text) {
    char *colon = strrchr(text, ':');
    if (colon == NULL) errx(64, "--at takes HOST:PORT, not %s", text);
    *colon = 0;
    target->host = text;
    target->port = colon + 1;
}

static void take_jobs(struct plan *plan, char *text) {
    for (char *id = strtok(text, ","); id != NULL; id = strtok(NULL, ",")) {
        plan->jobs = reallocarray(plan->jobs, plan->job_count + 1, sizeof *plan->jobs);
        plan->jobs[plan->job_count++] = (struct job){.id = id};
    }
}

/* GetOutputRequest.job, and .position if it is not the beginning. */
static void make_request(struct job *job, bool from_now) {
    enum { head = 5, field_job = 1 << 3 | 2, field_position = 2 << 3, position_now = 2 };
    size_t length = strlen(job->id);
    if (length > 64) errx(64, "no job has so long an id: %s", job->id);
    uint8_t *body = job->request + head;
    size_t size = 0;
    body[size++] = field_job;
    body[size++] = (uint8_t)length;
    memcpy(body + size, job->id, length);
    size += length;
    if (from_now) {
        body[size++] = field_position;
        body[size++] = position_now;
    }
    job->request[head - 1] = (uint8_t)size;
    job->request_size = head + size;
}

static void check(struct plan *plan) {
    if (plan->target.host == NULL || plan->target.authority == NULL ||
        plan->target.certificate == NULL || plan->target.key == NULL)
        errx(64, "--at, --ca, --cert and --key are needed; see --help");
    if ((plan->job_count == 0) == (plan->path == NULL)) errx(64, "either --job or --get is needed");
    if (plan->path != NULL && plan->mode != mode_whole) errx(64, "--get needs mode whole");
    if (plan->connections > plan->followers)
        errx(64, "more connections than followers: %zu, %zu", plan->connections, plan->followers);
    if (plan->threads > plan->connections) plan->threads = plan->connections;
    for (size_t job = 0; job < plan->job_count; job++)
        make_request(&plan->jobs[job], plan->mode == mode_lines);
    if (plan->window == 0) plan->window = plan->mode == mode_closed_window ? 65535 : INT32_MAX;
}

static void take_option(struct plan *plan, int option, const char *name, char *value) {
    switch (option) {
    case 'a': take_address(&plan->target, value); break;
    case 'A': plan->target.authority = value; break;
    case 'c': plan->target.certificate = value; break;
    case 'k': plan->target.key = value; break;
    case 'C': plan->target.ciphers = value; break;
    case 'n': plan->connections = number(value, name, 1, 20000); break;
    case 'f': plan->followers = number(value, name, 1, 1000000); break;
    case 't': plan->threads = number(value, name, 1, 64); break;
    case 'j': take_jobs(plan, value); break;
    case 'g': plan->path = value; break;
    case 'm': plan->mode = mode_named(value); break;
    case 'F': plan->frame = (uint32_t)number(value, name, 16384, 16777215); break;
    case 'w': plan->window = (uint32_t)number(value, name, 1, INT32_MAX); break;
    case 's': plan->seconds = duration(value, name); break;
    case 'u': plan->warm_up = duration(value, name); break;
    case 'p': plan->patience = duration(value, name); break;
    case 'H': printf("%016lx\n", hash_file(value)); exit(0);
    case 'h': fputs(help, stdout); exit(0);
    default: exit(64);
    }
}

struct plan plan_read(int count, char **arguments) {
    static const struct option options[] = {
        {"at", required_argument, NULL, 'a'},        {"ca", required_argument, NULL, 'A'},
        {"cert", required_argument, NULL, 'c'},      {"key", required_argument, NULL, 'k'},
        {"ciphers", required_argument, NULL, 'C'},   {"connections", required_argument, NULL, 'n'},
        {"followers", required_argument, NULL, 'f'}, {"threads", required_argument, NULL, 't'},
        {"job", required_argument, NULL, 'j'},       {"get", required_argument, NULL, 'g'},
        {"mode", required_argument, NULL, 'm'},      {"frame", required_argument, NULL, 'F'},
        {"window", required_argument, NULL, 'w'},    {"seconds", required_argument, NULL, 's'},
        {"warm-up", required_argument, NULL, 'u'},   {"patience", required_argument, NULL, 'p'},
        {"hash", required_argument, NULL, 'H'},      {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct plan plan = {
        .connections = 1, .followers = 1, .threads = 3, .frame = 256 << 10,
        .seconds = 5, .warm_up = 1, .patience = 60};
    int option, index;
    while ((option = getopt_long(count, arguments, "", options, &index)) != -1)
        take_option(&plan, option, options[index].name, optarg);
    if (optind != count) errx(64, "what is %s? See --help", arguments[optind]);
    check(&plan);
    return plan;
}
