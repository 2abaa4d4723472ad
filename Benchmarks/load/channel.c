#define _GNU_SOURCE
#include "channel.h"

#include <err.h>
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { message_head = 5, answer_min = 512, answer_max = 4 << 20, window = 1 << 20 };

struct call {
    uint8_t *request;
    size_t size;
    size_t sent;
    uint8_t *answer;
    size_t answer_room;
    size_t received;
    /* What comes before the message: a call has a head of gRPC's there. */
    size_t head;
    int status;
    call_done done;
    void *context;
};

struct channel {
    SSL_CTX *tls_context;
    SSL *tls;
    int socket;
    const char *authority;
    nghttp2_session *session;
};

/* ---- Calls ---- */

static ssize_t read_request(
    nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t room, uint32_t *flags,
    nghttp2_data_source *source, void *context) {
    (void)session, (void)stream, (void)context;
    struct call *call = source->ptr;
    size_t count = call->size - call->sent < room ? call->size - call->sent : room;
    memcpy(bytes, call->request + call->sent, count);
    call->sent += count;
    if (call->sent == call->size) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)count;
}

static int take_header(
    nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_size,
    const uint8_t *value, size_t value_size, uint8_t flags, void *context) {
    (void)flags, (void)context;
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (call == NULL) return 0;
    if (call->head == 0 && name_size == 7 && memcmp(name, ":status", 7) == 0)
        call->status = atoi((char *)value) == 200 ? 0 : atoi((char *)value);
    if (name_size == 11 && memcmp(name, "grpc-status", 11) == 0) call->status = atoi((char *)value);
    if (name_size == 12 && memcmp(name, "grpc-message", 12) == 0 && value_size > 0)
        warnx("the server says: %.*s", (int)value_size, value);
    return 0;
}

static int take_data(
    nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t size,
    void *context) {
    (void)flags, (void)context;
    struct call *call = nghttp2_session_get_stream_user_data(session, stream);
    if (call == NULL) return 0;
    while (call->received + size > call->answer_room) {
        if (call->answer_room == answer_max) errx(1, "an answer is longer than any should be");
        call->answer_room *= 2;
        call->answer = realloc(call->answer, call->answer_room);
        if (call->answer == NULL) errx(1, "out of memory");
    }
    memcpy(call->answer + call->received, bytes, size);
    call->received += size;
    return 0;
}

static int end_call(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
    (void)context;
    struct call *call = nghttp2_session_get_stream_user_data(session, stream);
    if (call == NULL) return 0;
    if (error != 0) warnx("a stream was reset: %s", nghttp2_http2_strerror(error));
    size_t size = call->received > call->head ? call->received - call->head : 0;
    call->done(call->context, call->status, call->answer + call->head, size);
    free(call->request);
    free(call->answer);
    free(call);
    return 0;
}

#define HEADER(key, text)                                                                \
    {                                                                                    \
        .name = (uint8_t *)(key), .value = (uint8_t *)(text), .namelen = strlen(key),      \
        .valuelen = strlen(text)                                                         \
    }

static struct call *make_call(call_done done, void *context) {
    struct call *call = calloc(1, sizeof *call);
    call->answer_room = answer_min;
    call->answer = malloc(call->answer_room);
    call->status = -1;
    call->done = done;
    call->context = context;
    return call;
}

void channel_call(
    struct channel *channel, const char *path, const void *request, size_t size, call_done done,
    void *context) {
    struct call *call = make_call(done, context);
    call->head = message_head;
    call->size = message_head + size;
    call->request = malloc(call->size);
    /* Not compressed, and the length, in network order. */
    call->request[0] = 0;
    for (int byte = 0; byte < 4; byte++)
        call->request[1 + byte] = (uint8_t)(size >> (24 - 8 * byte));
    memcpy(call->request + message_head, request, size);
    nghttp2_nv headers[] = {
        HEADER(":method", "POST"),
        HEADER(":scheme", "https"),
        HEADER(":path", path),
        HEADER(":authority", channel->authority),
        HEADER("te", "trailers"),
        HEADER("content-type", "application/grpc"),
    };
    nghttp2_data_provider body = {.source.ptr = call, .read_callback = read_request};
    int32_t stream = nghttp2_submit_request(
        channel->session, NULL, headers, sizeof headers / sizeof headers[0], &body, call);
    if (stream < 0) errx(1, "a call: %s", nghttp2_strerror(stream));
}

void channel_get(struct channel *channel, const char *path, call_done done, void *context) {
    nghttp2_nv headers[] = {
        HEADER(":method", "GET"),
        HEADER(":scheme", "https"),
        HEADER(":path", path),
        HEADER(":authority", channel->authority),
    };
    int32_t stream = nghttp2_submit_request(
        channel->session, NULL, headers, sizeof headers / sizeof headers[0], NULL,
        make_call(done, context));
    if (stream < 0) errx(1, "a request: %s", nghttp2_strerror(stream));
}

/* ---- The loop ---- */

static void wait_for(struct channel *channel, short events) {
    struct pollfd entry = {.fd = channel->socket, .events = events};
    if (poll(&entry, 1, -1) < 0 && errno != EINTR) err(1, "poll");
}

static void write_all(struct channel *channel, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        int count = SSL_write(channel->tls, bytes, (int)size);
        if (count > 0) {
            bytes += count;
            size -= (size_t)count;
            continue;
        }
        switch (SSL_get_error(channel->tls, count)) {
        case SSL_ERROR_WANT_WRITE: wait_for(channel, POLLOUT); break;
        case SSL_ERROR_WANT_READ: wait_for(channel, POLLIN); break;
        default: secure_fail("SSL_write");
        }
    }
}

/* Frames are sent together: each by itself would cost both ends a record and a system call. */
static void flush(struct channel *channel) {
    uint8_t gathered[64 << 10];
    size_t size = 0;
    for (;;) {
        const uint8_t *bytes;
        ssize_t count = nghttp2_session_mem_send(channel->session, &bytes);
        if (count < 0) errx(1, "sending: %s", nghttp2_strerror((int)count));
        if (count == 0 || size + (size_t)count > sizeof gathered) {
            write_all(channel, gathered, size);
            size = 0;
        }
        if (count == 0) return;
        if ((size_t)count > sizeof gathered) errx(1, "a frame is longer than any should be");
        memcpy(gathered + size, bytes, (size_t)count);
        size += (size_t)count;
    }
}

void channel_turn(struct channel *channel) {
    flush(channel);
    uint8_t bytes[32 << 10];
    int count;
    while ((count = SSL_read(channel->tls, bytes, sizeof bytes)) <= 0) {
        if (SSL_get_error(channel->tls, count) != SSL_ERROR_WANT_READ) secure_fail("SSL_read");
        wait_for(channel, POLLIN);
    }
    ssize_t taken = nghttp2_session_mem_recv(channel->session, bytes, (size_t)count);
    if (taken < 0) errx(1, "receiving: %s", nghttp2_strerror((int)taken));
}

/* ---- Beginning and end ---- */

struct channel *channel_open(const struct secure_target *target) {
    struct channel *channel = calloc(1, sizeof *channel);
    channel->authority = target->host;
    channel->tls_context = secure_context(target);
    channel->tls = secure_connect(channel->tls_context, target);
    channel->socket = SSL_get_fd(channel->tls);
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) errx(1, "out of memory");
    nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, take_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, end_call);
    if (nghttp2_session_client_new(&channel->session, callbacks, channel) != 0)
        errx(1, "out of memory");
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window}};
    nghttp2_submit_settings(channel->session, NGHTTP2_FLAG_NONE, settings, 1);
    nghttp2_session_set_local_window_size(channel->session, NGHTTP2_FLAG_NONE, 0, window);
    return channel;
}

void channel_close(struct channel *channel) {
    nghttp2_session_terminate_session(channel->session, NGHTTP2_NO_ERROR);
    flush(channel);
    SSL_shutdown(channel->tls);
    nghttp2_session_del(channel->session);
    SSL_free(channel->tls);
    SSL_CTX_free(channel->tls_context);
    close(channel->socket);
    free(channel);
}
