import CLinux
import Glibc
import ShimProtocol

// MARK: - Outside

extension LinuxSystem {
    /// The namespaces of a sandbox: all there are but that of control groups, which its first
    /// process makes when it is in its group, and that of time, which hides nothing.
    static func namespaces(of plan: SandboxPlan) -> UInt64 {
        let always =
            clinux_new_user_namespace | clinux_new_pid_namespace | clinux_new_mount_namespace
            | clinux_new_ipc_namespace | clinux_new_uts_namespace
        return plan.network == .host ? always : always | clinux_new_network_namespace
    }

    /// Lets the first process of a sandbox go on, once it has users and its image.
    func release(_ pid: Int32, _ link: Int32, _ plan: SandboxPlan) throws(StartFailure) {
        do throws(StartFailure) {
            try IdentityMaps(plan: plan, pid: pid).write()
            if case .private(let network) = plan.network {
                try NetworkBuilder(network).buildOutside(forNamespaceOf: pid)
            }
            let base = try openBase(plan, for: pid)
            defer { if let base { close(base) } }
            try at(.supervisor, "link") { clinux_send_descriptor(link, base ?? -1) }
        } catch {
            // It waits for a word that will not come.
            signal(SIGKILL, process: pid)
            _ = try? retrying { waitpid(pid, nil, 0) }
            throw error
        }
    }

    /// A directory on which an image is to be mounted has no files: a job on it would be told that its
    /// program is missing.
    private func openBase(_ plan: SandboxPlan, for pid: Int32) throws(StartFailure) -> Int32? {
        guard case .image(let path) = plan.root else { return nil }
        let base = try mapImage(path, for: pid)
        guard hasFiles(base) else {
            close(base)
            throw StartFailure(
                stage: .namespaces, errno: 0, detail: "nothing is mounted at \(path)")
        }
        return base
    }

    /// Its owners become the job's own users: without that all files of an image would be nobody's.
    private func mapImage(_ path: String, for pid: Int32) throws(StartFailure) -> Int32 {
        do throws(SystemError) {
            let namespace = try retrying { open("/proc/\(pid)/ns/user", O_RDONLY | O_CLOEXEC) }
            defer { close(namespace) }
            let base = try retrying { clinux_copy_mount(path, 0) }
            do throws(SystemError) {
                let restrictions: MountRestrictions = [.readOnly, .noSetUserID, .noDevices]
                _ = try retrying { clinux_restrict_mount(base, restrictions.rawValue, 0) }
                _ = try retrying { clinux_map_mount(base, namespace) }
                return base
            } catch {
                close(base)
                throw error
            }
        } catch {
            throw StartFailure(stage: .namespaces, errno: error.number, detail: "image \(path)")
        }
    }

    /// Whether there is anything in a directory beside itself and the one above.
    private func hasFiles(_ mount: Int32) -> Bool {
        let directory = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0, let stream = fdopendir(directory) else { return false }
        defer { closedir(stream) }
        return (0...2).allSatisfy { _ in readdir(stream) != nil }
    }

    /// The pipes are the job's to open by name, as /dev/stdout, so its user must own them.
    func handOverOutput(of launch: LeaderLaunch) throws(StartFailure) {
        let plan = launch.plan
        let user = plan.sandbox?.userIDs.first ?? plan.credentials?.userID
        let group = plan.sandbox?.groupIDs.first ?? plan.credentials?.groupID
        guard let user, let group else { return }
        for pipe in [launch.standardOutput, launch.standardError] {
            try at(.files, "pipe") { fchown(pipe, user, group) }
        }
    }
}

// MARK: - Inside

extension LinuxSystem {
    /// Makes of the caller, which was just born into its namespaces, the root of a sandbox.
    func enterSandbox(_ plan: SandboxPlan, link: Int32) throws(StartFailure) {
        let base = awaitRelease(link)
        try becomeRoot(plan)
        // The change of user has cleared what was asked of the kernel before, prctl(2).
        dieWithParent(link)
        hideFromOtherProcesses()
        try settle(plan)
        let layout = SandboxLayout(plan, host: Self.hostEntry)
        try RootBuilder(layout: layout, scratchBytes: plan.scratchBytes, base: base).build()
        for step in Confinement.steps(for: plan) { try step.perform() }
    }

    private func awaitRelease(_ link: Int32) -> Int32? {
        var base: Int32 = -1
        let count = (try? retrying { clinux_receive_descriptor(link, &base) }) ?? 0
        // The shim is gone, or says elsewhere why it has given up.
        guard count == 1 else { _exit(0) }
        return base >= 0 ? base : nil
    }

    private func becomeRoot(_ plan: SandboxPlan) throws(StartFailure) {
        try at(.credentials, "setgid") { setgid(0) }
        if IdentityMaps.allowsGroups(plan) {
            try at(.credentials, "setgroups") { setgroups(0, nil) }
        }
        try at(.credentials, "setuid") { setuid(0) }
    }

    private func settle(_ plan: SandboxPlan) throws(StartFailure) {
        umask(0o022)
        try at(.namespaces, "control group") { clinux_leave_cgroup_namespace() }
        try at(.namespaces, "host name") { sethostname(plan.hostName, plan.hostName.utf8.count) }
        if plan.network != .host { try NetworkBuilder.raiseLoopback() }
        if case .private(let network) = plan.network {
            try NetworkBuilder(network).buildInside()
        }
    }

    private static func hostEntry(_ path: String) -> SandboxLayout.HostEntry {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .absent }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFLNK: return link(at: path).map { .link(target: $0) } ?? .absent
        default: return .file
        }
    }

    private static func link(at path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &target, target.count - 1)
        guard count > 0 else { return nil }
        return String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
