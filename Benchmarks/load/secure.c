#define _GNU_SOURCE
#include "secure.h"

#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

_Noreturn void secure_fail(const char *what) {
    ERR_print_errors_fp(stderr);
    errx(1, "%s failed", what);
}

static int connect_to(const struct secure_target *target) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(target->host, target->port, &hints, &found);
    if (error != 0) errx(1, "%s: %s", target->host, gai_strerror(error));
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) err(1, "socket");
    /* A server that says nothing must not hold a run for ever; later nothing blocks. */
    struct timeval patience = {.tv_sec = 30};
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
        err(1, "timeouts");
    if (connect(descriptor, found->ai_addr, found->ai_addrlen) != 0)
        err(1, "connecting to %s:%s", target->host, target->port);
    int on = 1;
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) err(1, "nodelay");
    freeaddrinfo(found);
    return descriptor;
}

SSL_CTX *secure_context(const struct secure_target *target) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) secure_fail("SSL_CTX_new");
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    if (target->ciphers != NULL && SSL_CTX_set_ciphersuites(context, target->ciphers) != 1)
        secure_fail(target->ciphers);
    if (SSL_CTX_load_verify_file(context, target->authority) != 1) secure_fail(target->authority);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_use_certificate_chain_file(context, target->certificate) != 1)
        secure_fail(target->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, target->key, SSL_FILETYPE_PEM) != 1)
        secure_fail(target->key);
    return context;
}

SSL *secure_connect(SSL_CTX *context, const struct secure_target *target) {
    int socket = connect_to(target);
    SSL *tls = SSL_new(context);
    static const unsigned char protocols[] = {2, 'h', '2'};
    SSL_set_alpn_protos(tls, protocols, sizeof protocols);
    if (SSL_set1_host(tls, target->host) != 1) secure_fail("SSL_set1_host");
    SSL_set_fd(tls, socket);
    if (SSL_connect(tls) != 1) secure_fail("SSL_connect");
    if (fcntl(socket, F_SETFL, O_NONBLOCK) != 0) err(1, "fcntl");
    return tls;
}
