// The kernel: its settings, its secrets, and calls that only the host has any use for.

#include "adversary.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/swap.h>
#include <sys/time.h>
#include <unistd.h>

static bool sets_core_pattern(void) { return opens("/proc/sys/kernel/core_pattern", O_WRONLY); }
static bool sets_modprobe(void) { return opens("/proc/sys/kernel/modprobe", O_WRONLY); }
static bool triggers_sysrq(void) { return opens("/proc/sysrq-trigger", O_WRONLY); }
static bool sets_memory(void) {
    return opens("/sys/kernel/mm/transparent_hugepage/enabled", O_WRONLY);
}
static bool reads_core(void) { return file_contains("/proc/kcore", "\177ELF"); }
static bool reads_keys(void) { return file_contains("/proc/keys", SENTINEL_KEY); }
static bool reads_log(void) {
    static char text[4096];
    return klogctl(3, text, sizeof text) > 0;  // SYSLOG_ACTION_READ_ALL, syslog(2)
}

// Nonsense instead of a module: ENOEXEC says that only the nonsense was refused.
static bool loads_module(void) {
    char nonsense[64] = "not a module";
    return syscall(SYS_init_module, nonsense, sizeof nonsense, "") != 0 && errno == ENOEXEC;
}

static bool loads_program(void) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_HASH;
    attributes.key_size = attributes.value_size = 4;
    attributes.max_entries = 1;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes) >= 0;
}

static bool observes_kernel(void) {
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.config = PERF_COUNT_SW_CPU_CLOCK;
    return syscall(SYS_perf_event_open, &attributes, -1, 0, -1, 0) >= 0;
}

static bool replaces_kernel(void) {
    // No segments: frees what is loaded, and there is nothing.
    return syscall(SYS_kexec_load, 0, 0, NULL, 0) == 0;
}

static bool restarts(void) { return reboot(RB_DISABLE_CAD) == 0; }

static bool sets_clock(void) {
    struct timeval now;
    return gettimeofday(&now, NULL) == 0 && settimeofday(&now, NULL) == 0;
}

// A file that is no swap space: EINVAL says that only the file was refused.
static bool swaps(void) {
    close(open("/tmp/swap", O_WRONLY | O_CREAT, 0600));
    return swapon("/tmp/swap", 0) != 0 && errno == EINVAL;
}
static bool opens_rings(void) {
    char parameters[120] = {0};
    return syscall(SYS_io_uring_setup, 1, parameters) >= 0;
}
static bool handles_faults(void) { return syscall(SYS_userfaultfd, O_CLOEXEC) >= 0; }
static bool drives_ports(void) { return syscall(SYS_iopl, 3) == 0; }

const struct attempt kernel_attempts[] = {
    {"set the program for core dumps", sets_core_pattern},
    {"set the program that loads modules", sets_modprobe},
    {"trigger a system request", triggers_sysrq},
    {"set how the kernel uses memory", sets_memory},
    {"read the kernel's memory", reads_core},
    {"list the host's keys", reads_keys},
    {"read the kernel's log", reads_log},
    {"load a module", loads_module},
    {"load a BPF map", loads_program},
    {"observe the kernel", observes_kernel},
    {"replace the kernel", replaces_kernel},
    {"say what restarts the machine", restarts},
    {"set the clock", sets_clock},
    {"add swap space", swaps},
    {"open an io_uring", opens_rings},
    {"handle page faults", handles_faults},
    {"drive the machine's ports", drives_ports},
    {NULL, NULL},
};
