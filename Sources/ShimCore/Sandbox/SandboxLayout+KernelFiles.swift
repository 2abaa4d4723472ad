extension SandboxLayout {
    /// The device nodes a job has; the host's own, because none can be made in a user namespace.
    private static let devices = ["full", "null", "random", "tty", "urandom", "zero"]

    /// Links that programs expect, and where they lead.
    private static let deviceLinks = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ]

    /// `/dev`, `/proc` and `/sys`.
    ///
    /// The last is empty: it speaks of the host's devices. An image's own `/dev` is covered, for it
    /// may hold anything.
    static let kernelFiles: [RootEntry] = devicesAndLinks + [processes, .directory("sys")]

    private static let devicesAndLinks: [RootEntry] =
        [.scratch("dev", mode: 0o755, [.noSetUserID, .noPrograms, .noDevices])]
        + devices.flatMap { name -> [RootEntry] in
            [
                .file("dev/\(name)", contents: ""),
                .tree(
                    of: "/dev/\(name)", at: "dev/\(name)", [.readOnly, .noSetUserID, .noPrograms]),
            ]
        }
        + deviceLinks.map { .link("dev/\($0.0)", target: $0.1) }
        + [
            .scratch("dev/shm", mode: 0o1777, [.noSetUserID, .noPrograms, .noDevices]),
            .fileSystem(terminals, at: "dev/pts", [.noSetUserID, .noPrograms]),
        ]

    /// Terminals of the job's own; kernel documentation, devpts.rst.
    ///
    /// The machine has 4096, of which jobs share three quarters (pty.max and pty.reserve of
    /// proc_sys_kernel(5)), so that each has no more than somebody can look at.
    private static let terminals = RootEntry.FileSystem(
        "devpts",
        [
            RootEntry.FileSystem.Option("newinstance"),
            RootEntry.FileSystem.Option("ptmxmode", "0666"),
            RootEntry.FileSystem.Option("mode", "0600"),
            RootEntry.FileSystem.Option("max", "64"),
        ])

    /// Nothing but processes, and of these only those that the reader might trace: no `kcore`,
    /// `keys`, `sysrq-trigger`, `timer_list`, `sched_debug` or `sys`; proc(5), Linux 5.8.
    private static let processes = RootEntry.fileSystem(
        RootEntry.FileSystem(
            "proc",
            [
                RootEntry.FileSystem.Option("subset", "pid"),
                RootEntry.FileSystem.Option("hidepid", "invisible"),
            ]),
        at: "proc", [.noSetUserID, .noPrograms, .noDevices])
}
