#ifndef CLINUX_NETLINK_H
#define CLINUX_NETLINK_H

#include <stddef.h>
#include <sys/types.h>

/* Hands messages to the kernel and gathers its answers, of a family of netlink(7). It answers
 * before the call that hands them over returns, so nothing is waited for. Returns how many bytes
 * of answers there are, or -1 with errno set. */
ssize_t clinux_exchange_netlink(
    int family, const void *request, size_t size, void *answer, size_t room);

#endif
