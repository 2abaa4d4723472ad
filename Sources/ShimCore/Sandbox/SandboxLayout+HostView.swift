import ShimProtocol

extension SandboxLayout {
    private static let readOnlyTree: MountRestrictions = [.readOnly, .noSetUserID, .noDevices]

    /// Where programs and libraries are, besides `/usr`; file-hierarchy(7).
    ///
    /// Most hosts have these as links into `/usr`, and then the job has, too.
    private static let programDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]

    /// The host's programs and libraries.
    static func programs(_ host: (String) -> HostEntry) -> [RootEntry] {
        (["usr"] + programDirectories).flatMap { name -> [RootEntry] in
            switch host("/\(name)") {
            case .directory: tree(name)
            case .link(let target): [.link(name, target: target)]
            case .absent, .file: []
            }
        }
    }

    private static func tree(_ path: String) -> [RootEntry] {
        [.directory(path), .tree(of: "/\(path)", at: path, readOnlyTree)]
    }
}

// MARK: - /etc

extension SandboxLayout {
    /// Directories of `/etc` that programs need and that hold no secret.
    private static let settingTrees = ["etc/alternatives", "etc/ld.so.conf.d", "etc/ssl/certs"]

    /// Files of `/etc` that programs need and that hold no secret.
    ///
    /// All others stay the host's: a stranger learns neither its users nor what its services are
    /// told.
    private static let settingFiles = [
        "etc/ld.so.cache", "etc/ld.so.conf", "etc/localtime", "etc/mime.types",
        "etc/nsswitch.conf", "etc/os-release", "etc/protocols", "etc/services",
        "etc/ssl/openssl.cnf", "etc/timezone",
    ]

    /// How names are found; of no use to a job without a network, and it names the host's.
    private static let resolverFile = "etc/resolv.conf"

    /// What there is in `/etc`: what was made for the job, and what the host says to everybody.
    static func settings(_ plan: SandboxPlan, _ host: (String) -> HostEntry) -> [RootEntry] {
        let trees = settingTrees.filter { host("/\($0)") == .directory }.flatMap(tree)
        let copies = settingFiles.filter { host("/\($0)") != .absent }.map(copy)
        return [.directory("etc"), .directory("etc/ssl")] + trees + copies + resolver(plan) + [
            .file("etc/passwd", contents: AccountFiles.users),
            .file("etc/group", contents: AccountFiles.groups),
            .link("etc/mtab", target: "/proc/self/mounts"),
        ] + names(plan)
    }

    private static func copy(_ path: String) -> RootEntry { .copy(of: "/\(path)", at: path) }

    private static func resolver(_ plan: SandboxPlan) -> [RootEntry] {
        switch plan.network {
        case .none: []
        case .host: [copy(resolverFile)]
        case .private(let network): [.file(resolverFile, contents: network.resolver)]
        }
    }

    /// What the job is told of its own machine.
    static func names(_ plan: SandboxPlan) -> [RootEntry] {
        [
            .file("etc/hostname", contents: "\(plan.hostName)\n"),
            .file("etc/hosts", contents: AccountFiles.hosts(plan.hostName)),
        ]
    }

    /// An image has its own users; the rest is where it runs.
    static func imageSettings(_ plan: SandboxPlan) -> [RootEntry] {
        [.directory("etc")] + resolver(plan) + names(plan) + [
            .directory("tmp", mode: 0o1777), .directory("run"),
        ]
    }
}

// MARK: - Directories to write to

extension SandboxLayout {
    /// All are of one file system, so that one limit holds for what is in them together.
    static let ownDirectories: [RootEntry] = [
        .directory("home"), .directory("var"),
        own("tmp", 0o1777), own("var/tmp", 0o1777), own("run", 0o755), own("home/job", 0o700),
    ]

    private static func own(_ path: String, _ mode: UInt32) -> RootEntry {
        .scratch(path, mode: mode, [.noSetUserID, .noDevices])
    }
}
