#ifndef CSECCOMP_SHIM_H
#define CSECCOMP_SHIM_H

#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

/* A function-like macro, which Swift does not see. */
static inline uint32_t cseccomp_error_action(uint16_t number) { return SCMP_ACT_ERRNO(number); }

/* seccomp_export_bpf(3) into memory: how many bytes there are, or a negated errno. No filter is
 * longer than a pipe holds: BPF_MAXINSNS instructions are 32 KiB. */
static inline ssize_t cseccomp_export(scmp_filter_ctx context, void *bytes, size_t size) {
    int ends[2];
    if (pipe(ends) != 0) return -errno;
    ssize_t count = seccomp_export_bpf(context, ends[1]);
    close(ends[1]);
    if (count == 0) count = read(ends[0], bytes, size);
    close(ends[0]);
    return count;
}

#endif
