/* Loaded into h2load (LD_PRELOAD), which sends the same body again and again: hands it those in
 * the file that LOAD_BODIES names, one after the other. Each is as long as the one it was told of
 * (-d), the only file that it reads by pread(2). */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t *bodies;
static size_t bodies_size;

static size_t size_of(int file) {
    struct stat status;
    if (fstat(file, &status) != 0) err(1, "fstat");
    return (size_t)status.st_size;
}

__attribute__((constructor)) static void open_bodies(void) {
    const char *path = getenv("LOAD_BODIES");
    int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) err(64, "LOAD_BODIES: %s", path != NULL ? path : "not set");
    bodies_size = size_of(file);
    bodies = mmap(NULL, bodies_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bodies == MAP_FAILED) err(1, "%s", path);
    close(file);
}

ssize_t pread(int file, void *bytes, size_t room, off_t offset) {
    static atomic_size_t next;
    size_t size = size_of(file);
    if (offset != 0 || room < size || bodies_size % size != 0) errx(1, "that is no body");
    size_t number = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
    memcpy(bytes, bodies + number * size % bodies_size, size);
    return (ssize_t)size;
}
