/// Which system calls a job in a sandbox may make.
///
/// What is in no list answers ENOSYS, as a kernel does that is older than the call: a C library then
/// takes another way. docs/SECCOMP.md is made from these lists.
package enum SystemCallTable {
    /// Calls that answer EPERM, and why.
    package struct Denied: Sendable {
        /// What they have in common.
        package let title: String
        /// Why a stranger's job does not get them.
        package let reason: String
        /// In order.
        package let names: [String]
    }

    /// What no job needs and some attack has used.
    package static let denied = [
        Denied(
            title: "Mounts, roots, quotas and swap",
            reason: "They change which files others see, or what these may take.",
            names: [
                "chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr",
                "move_mount", "open_tree", "pivot_root", "quotactl", "quotactl_fd", "swapoff",
                "swapon", "umount2",
            ]),
        Denied(
            title: "Namespaces and names",
            reason: """
                A new user namespace comes with every capability inside, and most ways out of a \
                container begin there.
                """,
            names: [
                "setdomainname", "sethostname", "setns", "unshare",
            ]),
        Denied(
            title: "Modules, boot, accounting and the kernel's log",
            reason: "They are the host administrator's.",
            names: [
                "_sysctl", "acct", "create_module", "delete_module", "finit_module",
                "get_kernel_syms", "init_module", "kexec_file_load", "kexec_load", "query_module",
                "reboot", "syslog",
            ]),
        Denied(
            title: "Clocks",
            reason: "There is one clock for all.",
            names: [
                "adjtimex", "clock_adjtime", "clock_settime", "settimeofday",
            ]),
        Denied(
            title: "Keyrings",
            reason: "Keys are not kept apart by namespaces alone.",
            names: [
                "add_key", "keyctl", "request_key",
            ]),
        Denied(
            title: "Tracing",
            reason: "They look into processes and the kernel, or stop it where it hurts.",
            names: [
                "bpf", "fanotify_init", "fanotify_mark", "kcmp", "lookup_dcookie",
                "perf_event_open", "pidfd_getfd", "process_madvise", "process_vm_readv",
                "process_vm_writev", "ptrace", "userfaultfd",
            ]),
        Denied(
            title: "Hardware",
            reason: "They reach the machine itself.",
            names: [
                "ioperm", "iopl", "modify_ldt",
            ]),
        Denied(
            title: "Memory",
            reason: "They move memory that others have, or hide it from the kernel.",
            names: [
                "memfd_secret", "migrate_pages", "move_pages", "remap_file_pages",
            ]),
        Denied(
            title: "io_uring",
            reason: "What is asked for through a ring passes by every filter.",
            names: [
                "io_uring_enter", "io_uring_register", "io_uring_setup",
            ]),
        Denied(
            title: "File handles",
            reason: "A handle opens files that no path of the job leads to.",
            names: [
                "open_by_handle_at"
            ]),
        Denied(
            title: "Personality and terminals",
            reason: "They change how the kernel treats old programs, or end a terminal.",
            names: [
                "personality", "vhangup",
            ]),
        Denied(
            title: "Relics",
            reason: "No kernel has them any more, or no program needs them.",
            names: [
                "afs_syscall", "epoll_ctl_old", "epoll_wait_old", "getpmsg", "nfsservctl",
                "putpmsg", "security", "sysfs", "tuxcall", "uselib", "ustat", "vserver",
            ]),
    ]

    /// What programs need.
    package static let allowed = [
        "accept", "accept4", "access", "alarm", "arch_prctl", "bind", "brk", "cachestat", "capget",
        "capset", "chdir", "chmod", "chown", "clock_getres", "clock_gettime", "clock_nanosleep",
        "clone", "close", "close_range", "connect", "copy_file_range", "creat", "dup", "dup2",
        "dup3", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
        "epoll_wait", "eventfd", "eventfd2", "execve", "execveat", "exit", "exit_group",
        "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat",
        "fchmodat2", "fchown", "fchownat", "fcntl", "fdatasync", "fgetxattr", "flistxattr", "flock",
        "fork", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync", "ftruncate", "futex",
        "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "futimesat", "get_mempolicy",
        "get_robust_list", "get_thread_area", "getcpu", "getcwd", "getdents", "getdents64",
        "getegid", "geteuid", "getgid", "getgroups", "getitimer", "getpeername", "getpgid",
        "getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresuid",
        "getrlimit", "getrusage", "getsid", "getsockname", "getsockopt", "gettid", "gettimeofday",
        "getuid", "getxattr", "inotify_add_watch", "inotify_init", "inotify_init1",
        "inotify_rm_watch", "ioctl", "ioprio_get", "ioprio_set", "kill", "landlock_add_rule",
        "landlock_create_ruleset", "landlock_restrict_self", "lchown", "lgetxattr", "link",
        "linkat", "listen", "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr",
        "lstat", "madvise", "map_shadow_stack", "mbind", "membarrier", "memfd_create", "mincore",
        "mkdir", "mkdirat", "mknod", "mknodat", "mlock", "mlock2", "mlockall", "mmap", "mprotect",
        "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink",
        "mremap", "msgctl", "msgget", "msgrcv", "msgsnd", "msync", "munlock", "munlockall",
        "munmap", "name_to_handle_at", "nanosleep", "newfstatat", "open", "openat", "openat2",
        "pause", "pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "pkey_alloc", "pkey_free",
        "pkey_mprotect", "poll", "ppoll", "prctl", "pread64", "preadv", "preadv2", "prlimit64",
        "process_mrelease", "pselect6", "pwrite64", "pwritev", "pwritev2", "read", "readahead",
        "readlink", "readlinkat", "readv", "recvfrom", "recvmmsg", "recvmsg", "removexattr",
        "rename", "renameat", "renameat2", "restart_syscall", "rmdir", "rseq", "rt_sigaction",
        "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
        "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min",
        "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
        "sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam",
        "sched_setscheduler", "sched_yield", "seccomp", "select", "semctl", "semget", "semop",
        "semtimedop", "sendfile", "sendmmsg", "sendmsg", "sendto", "set_mempolicy",
        "set_mempolicy_home_node", "set_robust_list", "set_thread_area", "set_tid_address",
        "setfsgid", "setfsuid", "setgid", "setgroups", "setitimer", "setpgid", "setpriority",
        "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setsockopt",
        "setuid", "setxattr", "shmat", "shmctl", "shmdt", "shmget", "shutdown", "sigaltstack",
        "signalfd", "signalfd4", "socket", "socketpair", "splice", "stat", "statfs", "statx",
        "symlink", "symlinkat", "sync", "sync_file_range", "syncfs", "sysinfo", "tee", "tgkill",
        "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
        "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime", "times", "tkill",
        "truncate", "umask", "uname", "unlink", "unlinkat", "utime", "utimensat", "utimes", "vfork",
        "vmsplice", "wait4", "waitid", "write", "writev",
    ]
}
