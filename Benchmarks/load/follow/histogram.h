/* How often which durations were seen, to within half a percent. */
#ifndef FOLLOW_HISTOGRAM_H
#define FOLLOW_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Each power of two has so many steps. */
enum { histogram_steps = 128, histogram_size = 58 * histogram_steps };

struct histogram {
    uint64_t counts[histogram_size];
    uint64_t total;
    uint64_t most;
};

void histogram_note(struct histogram *histogram, uint64_t value);

/* Adds all that another one has seen. */
void histogram_add(struct histogram *histogram, const struct histogram *other);

/* The value that this fraction of all do not exceed; 0 if there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double fraction);

#endif
