/* An HTTP/2 connection with a row of followers. */
#ifndef FOLLOW_CONNECTION_H
#define FOLLOW_CONNECTION_H

#include "follower.h"

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

/* What the connections of one thread receive into: many records at a time. */
struct receive_buffers {
    uint8_t sealed[512 << 10];
    uint8_t open[16 << 10];
};

struct connection {
    int socket;
    bool is_open;
    SSL *tls;
    nghttp2_session *session;
    struct tally *tally;
    struct receive_buffers *buffers;
    struct follower *followers;
    size_t count;
    /* What has been received and not been decrypted. */
    const uint8_t *sealed;
    size_t sealed_size;
};

/* Connects; says why it cannot and exits. */
void connection_open(struct connection *connection, SSL_CTX *context);

/* Lets all followers ask, at once. */
void connection_ask(struct connection *connection);

/* Takes what the socket has. The connection may be over then. */
void connection_receive(struct connection *connection);

/* How many of its followers have no answer yet. */
size_t connection_unanswered(const struct connection *connection);

void connection_close(struct connection *connection);

#endif
