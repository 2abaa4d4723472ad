/* One thread and epoll. For each batch: one pread, one SSL_write, whose records are appended to one
 * buffer, and one send: that is where the time is saved. */
#define _GNU_SOURCE
#include "pump.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    page = 4096,
    batch = 16 * record_max,
    /* A page to choose a beginning in, what each record has around it, and what TLS itself says. */
    outgoing_max = page + batch + 16 * 64 + (8 << 10),
};

enum phase { shaking_hands, hearing, sending, over };

struct connection {
    int socket;
    SSL *tls;
    enum phase phase;
    bool waits_to_send;
    char request[request_max];
    size_t request_size;
    int file;
    uint64_t size;
    uint64_t offset;
    unsigned times;
    /* What has been encrypted and not sent lies between these two. */
    size_t begin;
    size_t end;
    _Alignas(page) uint8_t outgoing[outgoing_max];
};

static int epoll;
static int directory;
static SSL_CTX *context;
static BIO_METHOD *appender;
/* Shared: nothing stays in it between two batches. */
static _Alignas(page) uint8_t plaintext[batch + page];

/* ---- The BIO that appends ---- */

/* Zen 4 copies 5 to 16 times slower where the destination lies 1 to 14 bytes behind the source,
 * counted modulo a page. OpenSSL always encrypts at one place, and each of the 16 records here lies
 * 22 bytes further than the one before; so the first must not lie just before that place. A
 * multiple of 32 spares the kernel, whose copy of all that goes to pages of its own, the same. */
static size_t good_beginning(const uint8_t *outgoing, const char *source) {
    size_t distance = ((uintptr_t)source - (uintptr_t)outgoing) % page;
    return (distance + 16 + 31) / 32 * 32 % page;
}

static int append(BIO *bio, const char *bytes, int size) {
    struct connection *connection = BIO_get_data(bio);
    if (connection->begin == connection->end)
        connection->begin = connection->end = good_beginning(connection->outgoing, bytes);
    if (connection->end + (size_t)size > outgoing_max) errx(1, "more to send than there is room");
    memcpy(connection->outgoing + connection->end, bytes, (size_t)size);
    connection->end += (size_t)size;
    return size;
}

static long control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static void make_appender(void) {
    appender = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "append");
    if (appender == NULL) fail_tls("BIO_meth_new");
    BIO_meth_set_write(appender, append);
    BIO_meth_set_ctrl(appender, control);
}

/* ---- Connections ---- */

static void watch(struct connection *connection, int operation) {
    struct epoll_event event = {
        .events = connection->waits_to_send ? EPOLLOUT : EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(epoll, operation, connection->socket, &event) != 0) err(1, "epoll_ctl");
}

static void take_connection(int listener) {
    int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) err(1, "accept4");
    int on = 1;
    if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) err(1, "nodelay");
    struct connection *connection = aligned_alloc(page, sizeof *connection);
    if (connection == NULL) errx(1, "out of memory");
    memset(connection, 0, offsetof(struct connection, outgoing));
    connection->socket = socket;
    connection->file = -1;
    connection->tls = SSL_new(context);
    BIO *output = BIO_new(appender);
    BIO_set_data(output, connection);
    BIO_set_init(output, 1);
    SSL_set_bio(connection->tls, BIO_new_socket(socket, BIO_NOCLOSE), output);
    watch(connection, EPOLL_CTL_ADD);
}

static void close_connection(struct connection *connection) {
    SSL_free(connection->tls);
    close(connection->socket);
    if (connection->file >= 0) close(connection->file);
    free(connection);
}

/* ---- What a connection does ---- */

/* Answers whether all has left. */
static bool send_outgoing(struct connection *connection) {
    while (connection->begin < connection->end) {
        ssize_t count = send(
            connection->socket, connection->outgoing + connection->begin,
            connection->end - connection->begin, 0);
        if (count < 0 && errno == EAGAIN) return false;
        if (count < 0) {
            warn("a client has gone");
            connection->phase = over;
            connection->begin = connection->end;
        } else {
            connection->begin += (size_t)count;
        }
    }
    return true;
}

/* Answers whether the call has done its work; if more must come first, it has not. */
static bool succeeded(struct connection *connection, int result) {
    if (result > 0) return true;
    if (SSL_get_error(connection->tls, result) != SSL_ERROR_WANT_READ) {
        warnx("a client was refused, or broke off");
        connection->phase = over;
    }
    return false;
}

static void open_file(struct connection *connection) {
    char name[name_max + 1];
    struct stat status;
    if (sscanf(connection->request, REQUEST_TO_READ, &connection->times, name) != 2)
        errx(1, "a request that is none");
    connection->file = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (connection->file < 0 || fstat(connection->file, &status) != 0) err(1, "%s", name);
    connection->size = (uint64_t)status.st_size;
}

static void hear(struct connection *connection) {
    int result = SSL_read(
        connection->tls, connection->request + connection->request_size,
        (int)(request_max - 1 - connection->request_size));
    if (!succeeded(connection, result)) return;
    connection->request_size += (size_t)result;
    if (memchr(connection->request, '\n', connection->request_size) == NULL) return;
    open_file(connection);
    connection->phase = sending;
}

/* Where the bytes come to lie in a page is where they lie in the file: see above. */
static void encrypt_batch(struct connection *connection) {
    uint8_t *bytes = plaintext + connection->offset % page;
    ssize_t count = pread(connection->file, bytes, batch, (off_t)connection->offset);
    if (count < 0) err(1, "pread");
    if (count > 0 && SSL_write(connection->tls, bytes, (int)count) != count) fail_tls("SSL_write");
    connection->offset += (uint64_t)count;
    if (connection->offset < connection->size && count > 0) return;
    connection->offset = 0;
    if (--connection->times > 0) return;
    SSL_shutdown(connection->tls);
    connection->phase = over;
}

static void advance(struct connection *connection) {
    if (!send_outgoing(connection)) return;
    switch (connection->phase) {
    case shaking_hands:
        if (succeeded(connection, SSL_accept(connection->tls))) connection->phase = hearing;
        break;
    case hearing: hear(connection); break;
    case sending: encrypt_batch(connection); break;
    case over: break;
    }
    bool has_left = send_outgoing(connection);
    if (connection->phase == over && has_left) return close_connection(connection);
    bool waits_to_send = connection->phase == sending || !has_left;
    if (waits_to_send == connection->waits_to_send) return;
    connection->waits_to_send = waits_to_send;
    watch(connection, EPOLL_CTL_MOD);
}

/* ---- Beginning ---- */

static int listen_at(char *address) {
    char *port = strrchr(address, ':');
    if (port == NULL) errx(64, "an address without a port");
    *port++ = 0;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    socklen_t size = sizeof name;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || inet_pton(AF_INET, address, &name.sin_addr) != 1 ||
        bind(listener, (struct sockaddr *)&name, size) != 0 || listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)&name, &size) != 0)
        err(1, "%s", address);
    fprintf(stderr, "listening on %s:%d\n", address, ntohs(name.sin_port));
    return listener;
}

_Noreturn void serve(const struct options *options) {
    directory = open(options->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) err(1, "%s", options->directory);
    context = make_context(TLS_server_method(), options);
    SSL_CTX_set_num_tickets(context, 0);
    make_appender();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_at(options->address);
    struct epoll_event arrival = {.events = EPOLLIN};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &arrival) != 0) err(1, "epoll_ctl");
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(epoll, events, 64, -1);
        if (count < 0 && errno != EINTR) err(1, "epoll_wait");
        for (int event = 0; event < count; event++) {
            if (events[event].data.ptr == NULL)
                take_connection(listener);
            else
                advance(events[event].data.ptr);
        }
    }
}
