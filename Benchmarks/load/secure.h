/* Mutual TLS 1.3 to a server that speaks HTTP/2. */
#ifndef LOAD_SECURE_H
#define LOAD_SECURE_H

#include <openssl/ssl.h>

/* Where the server is, and who is calling. */
struct secure_target {
    const char *host;
    const char *port;
    const char *authority;
    const char *certificate;
    const char *key;
    /* What to offer, by RFC 8446's names; NULL: what OpenSSL does. */
    const char *ciphers;
};

/* Reads the certificates; one context is enough for all connections. Says why it cannot and exits,
 * as all of these do. */
SSL_CTX *secure_context(const struct secure_target *target);

/* Connects and shakes hands. The socket does not block from then on. */
SSL *secure_connect(SSL_CTX *context, const struct secure_target *target);

/* Says what OpenSSL has to say of a failure, and exits. */
_Noreturn void secure_fail(const char *what);

#endif
