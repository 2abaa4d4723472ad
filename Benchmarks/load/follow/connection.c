#define _GNU_SOURCE
#include "connection.h"

#include "../clock.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a server may leave our few bytes unread. */
enum { send_patience_ms = 30000 };

/* ---- What is sent ---- */

static void wait_to_send(struct connection *connection) {
    struct pollfd entry = {.fd = connection->socket, .events = POLLOUT};
    int count = poll(&entry, 1, send_patience_ms);
    if (count < 0 && errno != EINTR) err(1, "poll");
    if (count == 0) errx(1, "the server has not read for %d ms", send_patience_ms);
}

static void end_all(struct connection *connection) {
    connection->is_open = false;
    for (size_t index = 0; index < connection->count; index++)
        follower_end(&connection->followers[index], outcome_closed);
}

static void write_all(struct connection *connection, const uint8_t *bytes, size_t size) {
    while (size > 0 && connection->is_open) {
        int count = SSL_write(connection->tls, bytes, (int)size);
        if (count > 0) {
            bytes += count;
            size -= (size_t)count;
            continue;
        }
        switch (SSL_get_error(connection->tls, count)) {
        case SSL_ERROR_WANT_WRITE: wait_to_send(connection); break;
        case SSL_ERROR_SYSCALL: end_all(connection); break;
        default: secure_fail("SSL_write");
        }
    }
}

/* Many requests in few records. */
static void flush(struct connection *connection) {
    uint8_t *gathered = connection->buffers->open;
    size_t size = 0;
    while (connection->is_open) {
        const uint8_t *bytes;
        ssize_t count = nghttp2_session_mem_send(connection->session, &bytes);
        if (count < 0) errx(1, "sending: %s", nghttp2_strerror((int)count));
        bool is_full = (size_t)count > sizeof connection->buffers->open - size;
        if (count == 0 || is_full) {
            write_all(connection, gathered, size);
            size = 0;
        }
        if (count == 0) return;
        if ((size_t)count > sizeof connection->buffers->open) errx(1, "a frame too large to send");
        memcpy(gathered + size, bytes, (size_t)count);
        size += (size_t)count;
    }
}

/* ---- What is received ---- */

static int take_header(
    nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_size,
    const uint8_t *value, size_t value_size, uint8_t flags, void *context) {
    (void)value_size, (void)flags, (void)context;
    struct follower *follower = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (follower != NULL) follower_take_header(follower, name, name_size, value);
    return 0;
}

static int take_data(
    nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t size,
    void *context) {
    (void)flags, (void)context;
    struct follower *follower = nghttp2_session_get_stream_user_data(session, stream);
    if (follower != NULL) follower_take_bytes(follower, bytes, size);
    return 0;
}

static int end_stream(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
    (void)context;
    struct follower *follower = nghttp2_session_get_stream_user_data(session, stream);
    if (follower == NULL) return 0;
    if (error != 0) warnx("a call was reset: %s", nghttp2_http2_strerror(error));
    follower_end(follower, error != 0 ? outcome_reset : (enum outcome)follower->status);
    return 0;
}

static void take_open(struct connection *connection, size_t size) {
    connection->tally->moment = now_ns();
    ssize_t taken = nghttp2_session_mem_recv(connection->session, connection->buffers->open, size);
    if (taken < 0) errx(1, "receiving: %s", nghttp2_strerror((int)taken));
}

void connection_receive(struct connection *connection) {
    struct receive_buffers *buffers = connection->buffers;
    ssize_t received = recv(connection->socket, buffers->sealed, sizeof buffers->sealed, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
    connection->tally->moment = now_ns();
    if (received <= 0) return end_all(connection);
    connection->sealed = buffers->sealed;
    connection->sealed_size = (size_t)received;
    int count;
    while ((count = SSL_read(connection->tls, buffers->open, sizeof buffers->open)) > 0)
        take_open(connection, (size_t)count);
    switch (SSL_get_error(connection->tls, count)) {
    case SSL_ERROR_WANT_READ: break;
    case SSL_ERROR_ZERO_RETURN: return end_all(connection);
    default: secure_fail("SSL_read");
    }
    flush(connection);
    if (nghttp2_session_want_read(connection->session) == 0) end_all(connection);
}

size_t connection_unanswered(const struct connection *connection) {
    size_t unanswered = 0;
    for (size_t index = 0; index < connection->count; index++)
        unanswered += !connection->followers[index].is_answered;
    return unanswered;
}

/* ---- Sealed bytes for OpenSSL ----
 *
 * It asks for the five bytes of a record's head, then for the rest: two system calls for 16 KiB.
 * Its own reading ahead moves all that was read after each record. */

static int read_sealed(BIO *bio, char *bytes, size_t room, size_t *count) {
    struct connection *connection = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (connection->sealed_size == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *count = room < connection->sealed_size ? room : connection->sealed_size;
    memcpy(bytes, connection->sealed, *count);
    connection->sealed += *count;
    connection->sealed_size -= *count;
    return 1;
}

static long control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO *sealed_bio(struct connection *connection) {
    static _Thread_local BIO_METHOD *method;
    if (method == NULL) {
        method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "received");
        BIO_meth_set_read_ex(method, read_sealed);
        BIO_meth_set_ctrl(method, control);
    }
    BIO *bio = BIO_new(method);
    if (bio == NULL) secure_fail("BIO_new");
    BIO_set_data(bio, connection);
    BIO_set_init(bio, 1);
    return bio;
}

/* ---- Beginning and end ---- */

static nghttp2_session *make_session(struct connection *connection) {
    const struct plan *plan = connection->tally->plan;
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    nghttp2_session *session;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0)
        errx(1, "out of memory");
    nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, take_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, end_stream);
    nghttp2_option_set_no_auto_window_update(option, plan->mode == mode_closed_window);
    if (nghttp2_session_client_new2(&session, callbacks, connection, option) != 0)
        errx(1, "out of memory");
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, plan->window},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, plan->frame},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
    };
    size_t count = sizeof settings / sizeof *settings;
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, count);
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, INT32_MAX);
    return session;
}

void connection_open(struct connection *connection, SSL_CTX *context) {
    connection->tls = secure_connect(context, &connection->tally->plan->target);
    connection->socket = SSL_get_fd(connection->tls);
    connection->is_open = true;
    SSL_set0_rbio(connection->tls, sealed_bio(connection));
    connection->session = make_session(connection);
    flush(connection);
}

static ssize_t read_request(
    nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t room, uint32_t *flags,
    nghttp2_data_source *source, void *context) {
    (void)session, (void)stream, (void)context;
    const struct job *job = source->ptr;
    if (job->request_size > room) errx(1, "the server leaves no room for a request");
    memcpy(bytes, job->request, job->request_size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)job->request_size;
}

#define HEADER(key, text)                                                              \
    {                                                                                  \
        .name = (uint8_t *)(key), .value = (uint8_t *)(text), .namelen = strlen(key),    \
        .valuelen = strlen(text)                                                       \
    }

static void ask(struct connection *connection, struct follower *follower) {
    const struct plan *plan = connection->tally->plan;
    bool is_call = plan->path == NULL;
    nghttp2_nv headers[] = {
        HEADER(":method", is_call ? "POST" : "GET"),
        HEADER(":scheme", "https"),
        HEADER(":path", is_call ? "/cmdctl.v1.JobService/GetOutput" : plan->path),
        HEADER(":authority", plan->target.host),
        HEADER("te", "trailers"),
        HEADER("content-type", "application/grpc"),
    };
    size_t count = is_call ? 6 : 4;
    nghttp2_data_provider body = {.read_callback = read_request};
    if (is_call) body.source.ptr = &plan->jobs[follower->job];
    follower->stream = nghttp2_submit_request(
        connection->session, NULL, headers, count, is_call ? &body : NULL, follower);
    if (follower->stream < 0) errx(1, "a call: %s", nghttp2_strerror(follower->stream));
}

void connection_ask(struct connection *connection) {
    for (size_t index = 0; index < connection->count; index++)
        ask(connection, &connection->followers[index]);
    flush(connection);
}

void connection_close(struct connection *connection) {
    nghttp2_session_del(connection->session);
    SSL_free(connection->tls);
    close(connection->socket);
}
