import Reactor

/// What the supervisor must know of the host and of its own process, read from procfs once.
///
/// What cannot be read is taken for absent: the supervisor then does without.
struct HostFacts: Equatable {
    /// The number of this process.
    var processID: Int32?
    /// Whether it may make namespaces.
    var mayMakeNamespaces = false
    /// The home directory of its user.
    var home = "/"
    /// Where it may make control groups: a directory of a version 2 hierarchy.
    var controlGroup: String?
}

extension HostFacts {
    /// Reads the facts.
    init(of kernel: any Kernel) {
        let text = { (path: String) in kernel.text(of: path) ?? "" }
        let status = ProcessStatus(parsing: text("/proc/self/status"))
        self.init(
            processID: status.processID,
            mayMakeNamespaces: status.mayAdministrateSystem,
            home: status.userID.flatMap { homeDirectory(of: $0, in: text("/etc/passwd")) } ?? "/",
            controlGroup: ControlGroupMount.find(in: text("/proc/self/mountinfo"))
                .flatMap { $0.directory(for: text("/proc/self/cgroup")) })
    }
}

/// The lines of proc_pid_status(5) that matter here.
struct ProcessStatus: Equatable {
    /// CAP_SYS_ADMIN, capabilities(7): needed for clone3(2) with CLONE_NEWPID.
    private static let systemAdministration: UInt64 = 1 << 21

    var processID: Int32?
    var userID: UInt32?
    var effectiveCapabilities: UInt64 = 0

    var mayAdministrateSystem: Bool {
        effectiveCapabilities & ProcessStatus.systemAdministration != 0
    }

    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == "\t" || $0 == " " }
            guard words.count >= 2 else { continue }
            switch words[0] {
            case "Pid:": processID = Int32(words[1])
            // Real, effective, saved, file system.
            case "Uid:": userID = words.count > 2 ? UInt32(words[2]) : nil
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

extension Kernel {
    /// The whole of a small file, such as those of procfs, whose size cannot be asked beforehand.
    fileprivate func text(of path: String) -> String? {
        guard let file = try? openFile(path, flags: .readOnly) else { return nil }
        return try? text(of: file, sizeMax: 1 << 20)
    }

    private func text(
        of file: borrowing OwnedDescriptor, sizeMax: Int
    ) throws(Errno) -> String {
        let raw = file.raw
        let content = Buffer(capacity: 16 * 1024)
        while content.readableCount < sizeMax {
            content.reserve(16 * 1024)
            let offset = UInt64(content.readableCount)
            let count = try content.withWritableBytes { bytes throws(Errno) in
                try readFileNow(raw, at: offset, into: bytes)
            }
            guard count > 0 else { break }
            content.commit(count)
        }
        return String(decoding: content.bytes, as: UTF8.self)
    }
}
