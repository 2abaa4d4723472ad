/* One thread for each connection, so that none of them is what is measured. */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include "../../load/clock.h"
#include "pump.h"

#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <xxhash.h>

enum { read_ahead = 256 << 10 };

struct reader {
    pthread_t thread;
    SSL *tls;
    char request[request_max];
    uint64_t file_size;
    uint64_t bytes;
    /* Of the first time that the file came. */
    uint64_t hash;
    double asked;
    double first;
    double last;
};

static int connect_to(const char *host, const char *port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) errx(1, "%s: %s", host, gai_strerror(error));
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    if (descriptor < 0 || connect(descriptor, found->ai_addr, found->ai_addrlen) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        err(1, "%s:%s", host, port);
    freeaddrinfo(found);
    return descriptor;
}

/* At the end of a file, and of all: once more the same? */
static void compare_file(struct reader *reader, XXH3_state_t *state) {
    uint64_t hash = XXH3_64bits_digest(state);
    if (reader->bytes == reader->file_size) reader->hash = hash;
    if (hash != reader->hash) errx(1, "a file has come unlike the time before");
    XXH3_64bits_reset(state);
}

static void take(
    struct reader *reader, XXH3_state_t *state, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        uint64_t rest = reader->file_size - reader->bytes % reader->file_size;
        size_t part = count < rest ? count : rest;
        XXH3_64bits_update(state, bytes, part);
        reader->bytes += part;
        bytes += part;
        count -= part;
        if (part == rest) compare_file(reader, state);
    }
}

static void *read_all(void *argument) {
    struct reader *reader = argument;
    XXH3_state_t *state = XXH3_createState();
    XXH3_64bits_reset(state);
    uint8_t bytes[record_max];
    reader->asked = now();
    int size = (int)strlen(reader->request);
    if (SSL_write(reader->tls, reader->request, size) != size) fail_tls("SSL_write");
    int count;
    while ((count = SSL_read(reader->tls, bytes, sizeof bytes)) > 0) {
        if (reader->bytes == 0) reader->first = now();
        take(reader, state, bytes, (size_t)count);
    }
    if (SSL_get_error(reader->tls, count) != SSL_ERROR_ZERO_RETURN) fail_tls("SSL_read");
    reader->last = now();
    XXH3_freeState(state);
    return NULL;
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void report(
    const struct options *options, const struct reader *readers, int count, double processor) {
    double waits[count], begun = readers[0].asked, ended = 0;
    uint64_t bytes = 0;
    for (int index = 0; index < count; index++) {
        const struct reader *reader = &readers[index];
        waits[index] = (reader->first - reader->asked) * 1e6;
        begun = reader->asked < begun ? reader->asked : begun;
        ended = reader->last > ended ? reader->last : ended;
        bytes += reader->bytes;
        if (reader->bytes != options->bytes * options->times || reader->hash != readers->hash)
            errx(1, "%llu bytes have come, or others", (unsigned long long)reader->bytes);
    }
    qsort(waits, (size_t)count, sizeof *waits, compare);
    printf(
        "{\"cipher\": \"%s\", \"bytes\": %llu, \"seconds\": %.6f, \"processor_s\": %.6f, ",
        SSL_get_cipher_name(readers->tls), (unsigned long long)bytes, ended - begun, processor);
    printf(
        "\"first_byte_us\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}, ",
        waits[count / 2], waits[(count * 99 + 99) / 100 - 1], waits[count - 1]);
    printf(
        "\"hashes\": {\"%s\": [\"%016llx\"]}}\n", options->file,
        (unsigned long long)readers->hash);
}

void drain(const struct options *options) {
    char *host = strtok(options->address, ":"), *port = strtok(NULL, ":");
    if (port == NULL) errx(64, "an address without a port");
    SSL_CTX *context = make_context(TLS_client_method(), options);
    SSL_CTX_set_default_read_buffer_len(context, read_ahead);
    SSL_CTX_set_read_ahead(context, 1);
    struct reader *readers = calloc((size_t)options->connections, sizeof *readers);
    for (int index = 0; index < options->connections; index++) {
        struct reader *reader = &readers[index];
        snprintf(reader->request, request_max, REQUEST, options->times, options->file);
        reader->file_size = options->bytes;
        reader->tls = SSL_new(context);
        if (SSL_set1_host(reader->tls, host) != 1) fail_tls("SSL_set1_host");
        SSL_set_fd(reader->tls, connect_to(host, port));
        if (SSL_connect(reader->tls) != 1) fail_tls("SSL_connect");
    }
    double begun = processor_time();
    for (int index = 0; index < options->connections; index++) {
        if (pthread_create(&readers[index].thread, NULL, read_all, &readers[index]) != 0)
            errx(1, "no thread");
    }
    for (int index = 0; index < options->connections; index++)
        pthread_join(readers[index].thread, NULL);
    report(options, readers, options->connections, processor_time() - begun);
}
