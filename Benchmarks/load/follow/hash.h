/* XXH3-64 of what is too long to be in memory. */
#ifndef FOLLOW_HASH_H
#define FOLLOW_HASH_H

#include <stdint.h>

/* Of a whole file; says why it cannot and exits. */
uint64_t hash_file(const char *path);

#endif
