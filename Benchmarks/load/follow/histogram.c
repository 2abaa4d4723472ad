#include "histogram.h"

#include <math.h>

/* Small values have a place each; of others the leading bits count. */
static size_t place_of(uint64_t value) {
    if (value < histogram_steps) return (size_t)value;
    int shift = 63 - __builtin_clzll(value) - __builtin_ctz(histogram_steps);
    return (size_t)shift * histogram_steps + (size_t)(value >> shift);
}

/* The middle of what falls into a place. */
static uint64_t value_of(size_t place) {
    if (place < 2 * histogram_steps) return place;
    size_t shift = place / histogram_steps - 1;
    return ((uint64_t)(place - shift * histogram_steps) << shift) + (1ull << shift) / 2;
}

void histogram_note(struct histogram *histogram, uint64_t value) {
    histogram->counts[place_of(value)]++;
    histogram->total++;
    if (value > histogram->most) histogram->most = value;
}

void histogram_add(struct histogram *histogram, const struct histogram *other) {
    for (size_t place = 0; place < histogram_size; place++)
        histogram->counts[place] += other->counts[place];
    histogram->total += other->total;
    if (other->most > histogram->most) histogram->most = other->most;
}

uint64_t histogram_quantile(const struct histogram *histogram, double fraction) {
    uint64_t wanted = (uint64_t)ceil((double)histogram->total * fraction);
    uint64_t seen = 0;
    for (size_t place = 0; place < histogram_size; place++) {
        seen += histogram->counts[place];
        if (seen >= wanted && seen > 0)
            return value_of(place) < histogram->most ? value_of(place) : histogram->most;
    }
    return 0;
}
