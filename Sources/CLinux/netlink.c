#define _GNU_SOURCE
#include "clinux_netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

/* Without NETLINK_CAP_ACK each refusal brings the whole message back. */
static ssize_t exchange(
    int socket, const void *request, size_t size, char *answer, size_t room) {
    int on = 1;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (setsockopt(socket, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on) != 0) return -1;
    if (sendto(socket, request, size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) return -1;
    size_t total = 0;
    while (total < room) {
        ssize_t count = recv(socket, answer + total, room - total, MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN) return -1;
        if (count <= 0) break;
        total += (size_t)count;
    }
    return (ssize_t)total;
}

ssize_t clinux_exchange_netlink(
    int family, const void *request, size_t size, void *answer, size_t room) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
    if (descriptor < 0) return -1;
    ssize_t count = exchange(descriptor, request, size, answer, room);
    int number = errno;
    close(descriptor);
    errno = number;
    return count;
}
