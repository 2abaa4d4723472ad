import Reactor

/// What the supervisor must know of the host and of its own process, read from procfs once.
///
/// What cannot be read is taken for absent: the supervisor then does without.
struct HostFacts: Equatable {
    /// The number of this process.
    var processID: Int32?
    /// Who it runs as.
    var userID: UInt32?
    /// And its group.
    var groupID: UInt32?
    /// Whether it may make namespaces.
    var mayMakeNamespaces = false
    /// Whether it may make interfaces and rules for packets.
    var mayAdministrateNetwork = false
    /// What it can do to shut jobs off.
    var sandbox = SandboxAbility.unknown
    /// The home directory of its user.
    var home = "/"
    /// Where it may make control groups: a directory of a version 2 hierarchy.
    var controlGroup: String?
    /// Where that hierarchy is mounted.
    var controlGroupRoot: String?
    /// Which start of the machine this is.
    var bootID: String?
}

extension HostFacts {
    /// Whether a job gets a process namespace of its own.
    func makesNamespace(for isolation: JobSpecification.Isolation) -> Bool {
        mayMakeNamespaces || isolation != .host
    }

    /// How many processes in a job's groups are not the job's own: the shim, and in a namespace its
    /// first process.
    func ownProcessCount(for isolation: JobSpecification.Isolation?) -> UInt32 {
        makesNamespace(for: isolation ?? .host) ? 2 : 1
    }

    /// Reads the facts.
    init(of kernel: any Kernel) {
        let text = { (path: String) in
            String(
                decoding: (try? kernel.contents(of: path, sizeMax: 1 << 20)) ?? [], as: UTF8.self)
        }
        let status = ProcessStatus(parsing: text("/proc/self/status"))
        let mount = ControlGroupMount.find(in: text("/proc/self/mountinfo"))
        self.init(
            processID: status.processID,
            userID: status.userID,
            groupID: status.groupID,
            mayMakeNamespaces: status.mayAdministrateSystem,
            mayAdministrateNetwork: status.mayAdministrateNetwork,
            sandbox: SandboxAbility(capabilities: status.effectiveCapabilities) { path in
                let words = text(path).split(separator: "\n")
                return words.first.map(String.init)
            },
            home: status.userID.flatMap { homeDirectory(of: $0, in: text("/etc/passwd")) } ?? "/",
            controlGroup: mount.flatMap { $0.directory(for: text("/proc/self/cgroup")) },
            controlGroupRoot: mount?.mountPoint,
            bootID: text("/proc/sys/kernel/random/boot_id").split(separator: "\n").first
                .map(String.init))
    }
}

/// The lines of proc_pid_status(5) that matter here.
struct ProcessStatus: Equatable {
    /// CAP_SYS_ADMIN, capabilities(7): needed for clone3(2) with CLONE_NEWPID.
    private static let systemAdministration: UInt64 = 1 << 21
    /// CAP_NET_ADMIN.
    private static let networkAdministration: UInt64 = 1 << 12

    var processID: Int32?
    var parentID: Int32?
    var userID: UInt32?
    var groupID: UInt32?
    var effectiveCapabilities: UInt64 = 0

    var mayAdministrateSystem: Bool {
        effectiveCapabilities & ProcessStatus.systemAdministration != 0
    }

    var mayAdministrateNetwork: Bool {
        effectiveCapabilities & ProcessStatus.networkAdministration != 0
    }

    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == "\t" || $0 == " " }
            guard words.count >= 2 else { continue }
            switch words[0] {
            case "Pid:": processID = Int32(words[1])
            case "PPid:": parentID = Int32(words[1])
            // Real, effective, saved, file system.
            case "Uid:": userID = words.count > 2 ? UInt32(words[2]) : nil
            case "Gid:": groupID = words.count > 2 ? UInt32(words[2]) : nil
            case "CapEff:": effectiveCapabilities = UInt64(words[1], radix: 16) ?? 0
            default: continue
            }
        }
    }
}

/// The home directory of a user in passwd(5), if it is an absolute path.
func homeDirectory(of userID: UInt32, in passwd: String) -> String? {
    for line in passwd.split(separator: "\n") {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 6, UInt32(fields[2]) == userID else { continue }
        return fields[5].hasPrefix("/") ? String(fields[5]) : nil
    }
    return nil
}
