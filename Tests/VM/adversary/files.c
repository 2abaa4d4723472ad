// Files of the host and of other jobs: reading and changing them.

#include "adversary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool reads_passwords(void) { return file_contains("/etc/shadow", SECRET); }
static bool reads_key(void) { return file_contains("/root/pki/server.key", "PRIVATE KEY"); }
static bool reads_records(void) { return file_contains("/data/cmdctl/jobs.sqlite", "SQLite"); }
static bool reads_foreign_log(void) { return file_contains(foreign_log, SECRET); }
static bool writes_foreign_log(void) { return opens(foreign_log, O_WRONLY); }
// A job that runs at the same time has put it there.
static bool reads_foreign_file(void) { return file_contains("/tmp/foreign", SECRET); }
static bool reads_environment(void) {
    const char *value = getenv("HOST_SECRET");
    return value && strcmp(value, SECRET) == 0;
}

static bool reaches_own_log(void) {
    char path[256];
    const char *job = getenv("CMDCTL_JOB_ID");
    snprintf(path, sizeof path, "/data/cmdctl/logs/%s.log", job ? job : "");
    return job && opens(path, O_WRONLY);
}

// The host has this file at several places; where we can open the very one for writing, we are out.
static bool writes(const char *path) {
    return file_contains(path, SECRET) && opens(path, O_WRONLY);
}
static bool writes_programs(void) { return writes("/usr/share/marker"); }
static bool writes_settings(void) { return writes("/etc/marker"); }
static bool writes_data(void) { return writes("/data/marker"); }
static bool writes_home(void) { return writes("/root/marker"); }
static bool writes_run(void) { return writes("/run/marker"); }

static bool makes_device(void) {
    char magic[2] = {0};
    const char *path = "/tmp/disk";
    unlink(path);
    // The first virtio disk is 254:0 under Debian's kernel; its superblock has a magic at 0x438.
    if (mknod(path, S_IFBLK | 0600, makedev(254, 0)) != 0) return false;
    int disk = open(path, O_RDONLY);
    return disk >= 0 && pread(disk, magic, 2, 0x438) == 2 && memcmp(magic, "\x53\xef", 2) == 0;
}

static bool opens_disk(void) { return opens("/dev/vda", O_RDONLY); }
static bool opens_memory(void) { return opens("/dev/mem", O_RDONLY); }
static bool opens_kernel_log(void) { return opens("/dev/kmsg", O_RDONLY); }

// A file handle names an inode whatever the root is: open_by_handle_at(2), the shocker exploit.
static bool opens_by_handle(void) {
    struct { struct file_handle handle; unsigned char bytes[8]; } root = {0};
    const unsigned int inode_of_root = 2, generation = 0;
    root.handle.handle_bytes = 8;
    root.handle.handle_type = 1;  // FILEID_INO32_GEN
    memcpy(root.bytes, &inode_of_root, 4);
    memcpy(root.bytes + 4, &generation, 4);
    int mount = open("/usr", O_RDONLY | O_DIRECTORY);
    int directory = open_by_handle_at(mount, &root.handle, O_RDONLY);
    return directory >= 0 && openat(directory, "etc/shadow", O_RDONLY) >= 0;
}

// chroot(2) and many steps upwards: a root is only passed downwards.
static bool leaves_by_chroot(void) {
    int before = open("/", O_RDONLY | O_DIRECTORY);
    mkdir("/tmp/inner", 0700);
    if (before < 0 || chroot("/tmp/inner") != 0 || fchdir(before) != 0) return false;
    for (int step = 0; step < 64; step++) {
        if (chdir("..") != 0) return false;
    }
    return chroot(".") == 0 && file_contains("/etc/shadow", SECRET);
}

const struct attempt file_attempts[] = {
    {"read the host's passwords", reads_passwords},
    {"read the server's key", reads_key},
    {"read the server's records", reads_records},
    {"read the log of another job", reads_foreign_log},
    {"write to the log of another job", writes_foreign_log},
    {"read a file of another job", reads_foreign_file},
    {"read the server's environment", reads_environment},
    {"reach its own log", reaches_own_log},
    {"change the host's programs", writes_programs},
    {"change the host's settings", writes_settings},
    {"change the host's data", writes_data},
    {"change the files of the host's root user", writes_home},
    {"change what runs on the host", writes_run},
    {"make a device and read the disk", makes_device},
    {"open the disk", opens_disk},
    {"open the machine's memory", opens_memory},
    {"open the kernel's log", opens_kernel_log},
    {"open the host's root by a file handle", opens_by_handle},
    {"leave by chroot", leaves_by_chroot},
    {NULL, NULL},
};
