/* The limit of what a server can do that sends a file over TLS 1.3: no HTTP/2, no messages. */
#ifndef PUMP_H
#define PUMP_H

#include <openssl/ssl.h>

/* What both ends are told on the command line; what an end has no use for stays NULL. */
struct options {
    char *address;
    const char *certificate;
    const char *key;
    const char *authority;
    const char *ciphers;
    const char *directory;
    const char *file;
    int connections;
    unsigned times;
    unsigned long long bytes;
};

/* What a client asks for, as text: how often to send a file, by its name in the directory. */
#define REQUEST "%u %s\n"
#define REQUEST_TO_READ "%u %63[^/\n]\n"

enum { request_max = 96, name_max = 63, record_max = 16 << 10 };

/* TLS 1.3 and mutual: who one is, whom one trusts, and with which suites. Exits if that fails. */
SSL_CTX *make_context(const SSL_METHOD *method, const struct options *options);

/* Says what OpenSSL has against it, and exits. */
_Noreturn void fail_tls(const char *what);

/* Sends files to whoever asks, until SIGTERM ends the process. */
_Noreturn void serve(const struct options *options);

/* Asks on every connection, counts and hashes what comes, and prints it as JSON. Exits if that is
 * not the same file again and again. */
void drain(const struct options *options);

#endif
