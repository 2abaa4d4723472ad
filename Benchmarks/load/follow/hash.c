#define XXH_INLINE_ALL
#include "hash.h"

#include <err.h>
#include <stdio.h>
#include <xxhash.h>

uint64_t hash_file(const char *path) {
    static char bytes[1 << 20];
    FILE *file = fopen(path, "rbe");
    if (file == NULL) err(1, "%s", path);
    XXH3_state_t *state = XXH3_createState();
    XXH3_64bits_reset(state);
    size_t count;
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        XXH3_64bits_update(state, bytes, count);
    if (ferror(file)) err(1, "%s", path);
    uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    fclose(file);
    return hash;
}
