/* One gRPC channel: HTTP/2 over one mutual TLS connection, for many unary calls at a time. */
#ifndef LOAD_CHANNEL_H
#define LOAD_CHANNEL_H

#include "secure.h"

#include <stddef.h>
#include <stdint.h>

struct channel;

/* Told once how a call has ended: with the message of the answer if `status` is 0. */
typedef void (*call_done)(void *context, int status, const uint8_t *message, size_t size);

/* Connects, or says why it cannot and exits. */
struct channel *channel_open(const struct secure_target *target);

/* Begins a unary call; the request is copied. */
void channel_call(
    struct channel *channel, const char *path, const void *request, size_t size, call_done done,
    void *context);

/* Begins to get a file; the status is HTTP's, or 0 for 200. */
void channel_get(struct channel *channel, const char *path, call_done done, void *context);

/* Sends what is to be sent, then waits for news once and passes it on. */
void channel_turn(struct channel *channel);

/* Ends the connection. */
void channel_close(struct channel *channel);

#endif
