// What is to be reached: a process of the host with something to lose.

#include "adversary.h"

#include <arpa/inet.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static bool listens_at(int family, const void *address, size_t length) {
    int door = socket(family, SOCK_STREAM, 0);
    return door >= 0 && bind(door, address, (socklen_t)length) == 0 && listen(door, 4096) == 0;
}

static bool listens_on(const char *host) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SENTINEL_PORT)};
    inet_pton(AF_INET, host, &address.sin_addr);
    return listens_at(AF_INET, &address, sizeof address);
}

static bool listens_as(const char *name, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, length);
    return listens_at(AF_UNIX, &address, offsetof(struct sockaddr_un, sun_path) + length);
}

static bool shares_memory(void) {
    int segment = shmget(SENTINEL_IPC, 4096, IPC_CREAT | 0600);
    char *memory = segment < 0 ? (void *)-1 : shmat(segment, NULL, 0);
    return memory != (void *)-1 && strcpy(memory, SECRET);
}

static bool keeps_key(void) {
    return syscall(SYS_add_key, "user", SENTINEL_KEY, SECRET, strlen(SECRET), KEY_SPEC_USER_KEYRING)
        > 0;
}

int play_sentinel(void) {
    // A signal that arrives is harmless here: who sends it is told that it could be sent.
    signal(SIGUSR1, SIG_IGN);
    prctl(PR_SET_NAME, SENTINEL_NAME);
    bool ready = listens_on("127.0.0.1") && listens_on(METADATA_ADDRESS)
        && listens_as(SENTINEL_ABSTRACT, sizeof SENTINEL_ABSTRACT - 1)
        && listens_as(SENTINEL_SOCKET, sizeof SENTINEL_SOCKET) && shares_memory() && keeps_key();
    if (!ready) {
        perror("sentinel");
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    for (;;) pause();
}
