/* Loaded into h2load (LD_PRELOAD), which has no option for a client's certificate: gives each of
 * its sessions the one that LOAD_CERT and LOAD_KEY name, and lets none speak less than TLS 1.3. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

static const char *required(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) errx(64, "%s is not set", name);
    return value;
}

SSL *SSL_new(SSL_CTX *context) {
    static SSL *(*original)(SSL_CTX *);
    if (original == NULL) original = (__typeof__(original))dlsym(RTLD_NEXT, "SSL_new");
    SSL *tls = original(context);
    if (tls == NULL) return NULL;
    if (SSL_use_certificate_chain_file(tls, required("LOAD_CERT")) != 1 ||
        SSL_use_PrivateKey_file(tls, required("LOAD_KEY"), SSL_FILETYPE_PEM) != 1 ||
        SSL_set_min_proto_version(tls, TLS1_3_VERSION) != 1)
        errx(1, "OpenSSL does not take the certificate %s", required("LOAD_CERT"));
    return tls;
}
