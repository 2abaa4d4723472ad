/* Sends files over TLS 1.3, mutual, as cheaply as OpenSSL and sockets allow, and takes them.
 *
 *   pump serve --listen ADDRESS:PORT --cert FILE --key FILE --client-ca FILE --dir DIRECTORY
 *       [--ciphers NAMES]
 *   pump drain --at ADDRESS:PORT --ca FILE --cert FILE --key FILE --file NAME --bytes N
 *       [--connections N] [--times N] [--ciphers NAMES]
 *
 * The cipher is the one that cmdctld takes if it can choose. With --times a connection carries the
 * file, which has so many bytes, more than once, as one that several followers share does. */
#define _GNU_SOURCE
#include "pump.h"

#include <err.h>
#include <getopt.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fail_tls(const char *what) {
    ERR_print_errors_fp(stderr);
    errx(1, "%s failed", what);
}

SSL_CTX *make_context(const SSL_METHOD *method, const struct options *options) {
    SSL_CTX *context = SSL_CTX_new(method);
    if (context == NULL) fail_tls("SSL_CTX_new");
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    if (SSL_CTX_set_ciphersuites(context, options->ciphers) != 1) fail_tls(options->ciphers);
    if (SSL_CTX_load_verify_file(context, options->authority) != 1) fail_tls(options->authority);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    if (SSL_CTX_use_certificate_chain_file(context, options->certificate) != 1)
        fail_tls(options->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, options->key, SSL_FILETYPE_PEM) != 1)
        fail_tls(options->key);
    return context;
}

static struct options parse(int count, char **arguments) {
    struct options found = {
        .ciphers = "TLS_AES_256_GCM_SHA384", .connections = 1, .times = 1};
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'a'},      {"at", required_argument, NULL, 'a'},
        {"client-ca", required_argument, NULL, 'A'},   {"ca", required_argument, NULL, 'A'},
        {"cert", required_argument, NULL, 'c'},        {"key", required_argument, NULL, 'k'},
        {"dir", required_argument, NULL, 'd'},         {"file", required_argument, NULL, 'f'},
        {"bytes", required_argument, NULL, 'b'},       {"ciphers", required_argument, NULL, 's'},
        {"connections", required_argument, NULL, 'n'}, {"times", required_argument, NULL, 't'},
        {0},
    };
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        switch (option) {
        case 'a': found.address = optarg; break;
        case 'A': found.authority = optarg; break;
        case 'c': found.certificate = optarg; break;
        case 'k': found.key = optarg; break;
        case 'f': found.file = optarg; break;
        case 'd': found.directory = optarg; break;
        case 'b': found.bytes = strtoull(optarg, NULL, 10); break;
        case 's': found.ciphers = optarg; break;
        case 'n': found.connections = atoi(optarg); break;
        case 't': found.times = (unsigned)atoi(optarg); break;
        default: exit(64);
        }
    }
    if (found.address == NULL || found.authority == NULL || found.certificate == NULL ||
        found.key == NULL || found.connections < 1 || found.times < 1)
        errx(64, "see the beginning of main.c");
    return found;
}

int main(int count, char **arguments) {
    const char *verb = count > 1 ? arguments[1] : "";
    struct options options = parse(count, arguments);
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(verb, "serve") == 0 && options.directory != NULL) serve(&options);
    if (strcmp(verb, "drain") != 0 || options.file == NULL || options.bytes == 0 ||
        strlen(options.file) > name_max)
        errx(64, "see the beginning of main.c");
    drain(&options);
    return 0;
}
