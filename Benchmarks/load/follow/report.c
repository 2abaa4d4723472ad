#include "report.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

struct sums {
    uint64_t bytes, lines, lost, repeated, gaps, dropped, wrong_lines, unended, late;
    /* The longest of all, and no sum. */
    uint64_t longest_gap;
    uint64_t outcomes[outcome_count];
};

static struct sums add_up(const struct plan *plan, const struct follower *followers) {
    struct sums sums = {0};
    for (size_t index = 0; index < plan->followers; index++) {
        const struct follower *follower = &followers[index];
        sums.bytes += follower->bytes;
        sums.lost += follower->lost;
        sums.repeated += follower->repeated;
        sums.gaps += follower->gaps;
        sums.dropped += follower->dropped;
        sums.wrong_lines += follower->wrong_lines;
        sums.outcomes[follower->outcome]++;
        if (follower->longest_gap > sums.longest_gap) sums.longest_gap = follower->longest_gap;
        sums.unended += plan->mode == mode_whole && plan->path == NULL && !follower->has_end;
        sums.late += !follower->is_done && (plan->mode == mode_whole || plan->mode == mode_lines);
    }
    return sums;
}

static void print_durations(const char *name, const struct histogram *histogram) {
    printf(
        "\"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}, ", name,
        (double)histogram_quantile(histogram, 0.5) / 1e3,
        (double)histogram_quantile(histogram, 0.99) / 1e3, (double)histogram->most / 1e3);
}

static void print_statuses(const struct sums *sums) {
    static const char *const names[] = {"none", "reset", "closed", "left"};
    printf("\"statuses\": {");
    const char *separator = "";
    for (int outcome = 0; outcome < outcome_count; outcome++) {
        if (sums->outcomes[outcome] == 0) continue;
        if (outcome <= outcome_status_most) printf("%s\"%d\"", separator, outcome);
        else printf("%s\"%s\"", separator, names[outcome - outcome_none]);
        printf(": %lu", sums->outcomes[outcome]);
        separator = ", ";
    }
    printf("}, ");
}

static int compare(const void *left, const void *right) {
    uint64_t one = *(const uint64_t *)left, other = *(const uint64_t *)right;
    return one < other ? -1 : one > other;
}

/* Of one job, each once; false if there are several. */
static bool print_hashes_of(
    const struct plan *plan, const struct follower *followers, size_t job, size_t job_count) {
    uint64_t *hashes = calloc(plan->followers, sizeof *hashes);
    if (hashes == NULL) err(1, "calloc");
    size_t count = 0, different = 0;
    for (size_t index = job; index < plan->followers; index += job_count)
        hashes[count++] = XXH3_64bits_digest(followers[index].hash);
    qsort(hashes, count, sizeof *hashes, compare);
    printf("[");
    for (size_t index = 0; index < count; index++) {
        if (index > 0 && hashes[index] == hashes[index - 1]) continue;
        printf("%s\"%016lx\"", different++ > 0 ? ", " : "", hashes[index]);
    }
    printf("]");
    free(hashes);
    return different <= 1;
}

static bool print_hashes(const struct plan *plan, const struct follower *followers) {
    bool agree = true;
    printf("\"hashes\": {");
    size_t count = plan->mode != mode_whole ? 0 : plan->path != NULL ? 1 : plan->job_count;
    for (size_t job = 0; job < count && job < plan->followers; job++) {
        const char *name = plan->path != NULL ? plan->path : plan->jobs[job].id;
        printf("%s\"%s\": ", job > 0 ? ", " : "", name);
        agree &= print_hashes_of(plan, followers, job, count);
    }
    printf("}, ");
    return agree;
}

static bool complain(uint64_t count, const char *what) {
    if (count > 0) warnx("%lu %s", count, what);
    return count > 0;
}

/* Lines and idle ones end when we leave, a file with HTTP's 200. */
static bool is_right(const struct plan *plan, const struct sums *sums, bool agree) {
    enum outcome good = plan->mode != mode_whole ? outcome_left : plan->path != NULL ? 200 : 0;
    bool is_wrong = false;
    is_wrong |= complain(sums->lost, "bytes were lost");
    is_wrong |= complain(sums->repeated, "bytes came twice");
    is_wrong |= complain(sums->gaps, "bytes were in gaps");
    is_wrong |= complain(sums->dropped, "bytes were dropped");
    is_wrong |= complain(sums->wrong_lines, "lines were torn, or did not follow each other");
    is_wrong |= complain(sums->unended, "followers did not hear of the end");
    is_wrong |= complain(sums->late, "followers were still waiting");
    uint64_t bad = plan->followers - sums->outcomes[good];
    is_wrong |= complain(bad, "calls ended otherwise than they should");
    if (!agree) warnx("followers of one job were not told the same");
    return !is_wrong && agree;
}

bool report(
    const struct plan *plan, const struct follower *followers, const struct thread *threads,
    double processor_seconds) {
    static struct histogram first_byte, latency;
    struct sums sums = add_up(plan, followers);
    uint64_t begun = threads[0].tally.asked, ended = begun;
    for (size_t index = 0; index < plan->threads; index++) {
        const struct tally *tally = &threads[index].tally;
        histogram_add(&first_byte, &tally->first_byte);
        histogram_add(&latency, &tally->latency);
        sums.lines += tally->lines;
        if (tally->asked < begun) begun = tally->asked;
        if (tally->ended > ended) ended = tally->ended;
    }
    printf(
        "{\"followers\": %zu, \"connections\": %zu, \"cipher\": \"%s\", ", plan->followers,
        plan->connections, SSL_get_cipher_name(threads[0].connections[0].tls));
    printf("\"bytes\": %lu, \"seconds\": %.6f, ", sums.bytes, (double)(ended - begun) / 1e9);
    printf("\"longest_gap_ms\": %.1f, ", (double)sums.longest_gap / 1e6);
    print_durations("first_byte_us", &first_byte);
    print_durations("latency_us", &latency);
    printf("\"lines\": %lu, \"lost\": %lu, ", sums.lines, sums.lost);
    printf("\"repeated\": %lu, \"gaps\": %lu, ", sums.repeated, sums.gaps);
    printf("\"dropped\": %lu, \"wrong_lines\": %lu, ", sums.dropped, sums.wrong_lines);
    bool agree = print_hashes(plan, followers);
    print_statuses(&sums);
    printf("\"processor_s\": %.6f}\n", processor_seconds);
    fflush(stdout);
    return is_right(plan, &sums, agree);
}
