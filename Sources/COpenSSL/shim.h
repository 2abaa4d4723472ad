#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/*
 * Swift imports functions, not function-like macros and not variadics. Each wrapper below stands
 * for exactly one of them and bears its name in lower case behind `copenssl_`.
 */

static inline int copenssl_ctx_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline int copenssl_ctx_set_max_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_max_proto_version(context, version);
}

static inline long copenssl_ctx_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}

static inline long copenssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_session_cache_mode(context, mode);
}

static inline long copenssl_set_max_cert_list(SSL *session, long bytes) {
    return SSL_set_max_cert_list(session, bytes);
}

/* The flags themselves are macros that Swift does not import. */
static inline uint64_t copenssl_policy_options(void) {
    return SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
           SSL_OP_NO_RENEGOTIATION;
}

static inline long copenssl_ctx_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate);
}

static inline long copenssl_set_msg_callback_arg(SSL *session, void *argument) {
    return SSL_set_msg_callback_arg(session, argument);
}

static inline long copenssl_set_tlsext_host_name(SSL *session, const char *name) {
    return SSL_set_tlsext_host_name(session, name);
}

static inline void copenssl_bio_set_retry_read(BIO *bio) {
    BIO_set_retry_read(bio);
}

static inline void copenssl_bio_clear_retry_flags(BIO *bio) {
    BIO_clear_retry_flags(bio);
}

static inline long copenssl_bio_flush(BIO *bio) {
    return BIO_flush(bio);
}

static inline long copenssl_bio_get_mem_data(BIO *bio, char **data) {
    return BIO_get_mem_data(bio, data);
}

static inline int copenssl_err_get_lib(unsigned long code) {
    return ERR_GET_LIB(code);
}

static inline int copenssl_err_get_reason(unsigned long code) {
    return ERR_GET_REASON(code);
}

static inline EVP_PKEY *copenssl_ec_gen(const char *curve) {
    return EVP_EC_gen(curve);
}

static inline EVP_PKEY *copenssl_rsa_gen(unsigned int bits) {
    return EVP_RSA_gen(bits);
}

static inline EVP_PKEY *copenssl_ed25519_gen(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}


static inline int copenssl_sk_x509_num(const STACK_OF(X509) *chain) {
    return sk_X509_num(chain);
}

static inline X509 *copenssl_sk_x509_value(const STACK_OF(X509) *chain, int index) {
    return sk_X509_value(chain, index);
}

static inline GENERAL_NAMES *copenssl_general_names_new(void) {
    return sk_GENERAL_NAME_new_null();
}

static inline int copenssl_general_names_push(GENERAL_NAMES *names, GENERAL_NAME *name) {
    return sk_GENERAL_NAME_push(names, name);
}

static inline int copenssl_general_names_num(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline GENERAL_NAME *copenssl_general_names_value(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

#endif
