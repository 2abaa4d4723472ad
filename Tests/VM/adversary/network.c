// The host's network, and other ways to talk to what runs on it.

#include "adversary.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool reaches(const char *host, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    int link = socket(AF_INET, SOCK_STREAM, 0);
    return link >= 0 && connect(link, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool reaches_metadata(void) { return reaches(METADATA_ADDRESS, SENTINEL_PORT); }
static bool reaches_loopback(void) { return reaches("127.0.0.1", SENTINEL_PORT); }

static bool reaches_socket(const char *name, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, length);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    int link = socket(AF_UNIX, SOCK_STREAM, 0);
    return link >= 0 && connect(link, (struct sockaddr *)&address, size) == 0;
}

static bool reaches_abstract(void) {
    return reaches_socket(SENTINEL_ABSTRACT, sizeof SENTINEL_ABSTRACT - 1);
}
static bool reaches_named(void) {
    return reaches_socket(SENTINEL_SOCKET, sizeof SENTINEL_SOCKET);
}

static bool opens_raw(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0; }
static bool opens_packet(void) { return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) >= 0; }

// To the hypervisor and what runs beside us: no network namespace keeps this family apart.
static bool opens_hypervisor(void) { return socket(AF_VSOCK, SOCK_STREAM, 0) >= 0; }
// The same, as one of a pair: the family has none, and says so when both are there.
static bool pairs_hypervisor(void) {
    int ends[2];
    return socketpair(AF_VSOCK, SOCK_STREAM, 0, ends) == 0 || errno == EOPNOTSUPP;
}
static bool opens_cryptography(void) { return socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0; }

static bool takes_audit(void) {
    int link = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    return link >= 0 && bind(link, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool reaches_shared_memory(void) {
    int segment = shmget(SENTINEL_IPC, 0, 0);
    const char *memory = segment < 0 ? (void *)-1 : shmat(segment, NULL, SHM_RDONLY);
    return memory != (void *)-1 && strcmp(memory, SECRET) == 0;
}

const struct attempt network_attempts[] = {
    {"reach the metadata address", reaches_metadata},
    {"reach a service on the host's loopback", reaches_loopback},
    {"reach an abstract socket", reaches_abstract},
    {"reach a socket in a directory of the host", reaches_named},
    {"open a raw socket", opens_raw},
    {"open a packet socket", opens_packet},
    {"open a socket to the hypervisor", opens_hypervisor},
    {"have a pair of such sockets made", pairs_hypervisor},
    {"open a socket to the kernel's cryptography", opens_cryptography},
    {"listen to the audit log", takes_audit},
    {"reach the host's shared memory", reaches_shared_memory},
    {NULL, NULL},
};
