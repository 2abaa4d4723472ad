import Glibc
import Reactor

/// Whether this host could run a server well.
struct HostCheck {
    let kernel: any Kernel

    var findings: [Finding] {
        [kernelRelease, controlGroups, userNamespaces]
            + SandboxCheck(text: text).findings + [forwarding] + privileges
    }

    private var privileges: [Finding] {
        PrivilegeCheck(
            userID: geteuid(), hierarchy: controlGroupMount, text: text,
            owner: { try? kernel.status(at: $0).uid }
        ).findings
    }

    /// To be a router is for the operator to decide, so that it is none is no problem.
    private var forwarding: Finding {
        let isOn = text(of: "/proc/sys/net/ipv4/ip_forward") == "1"
        return Finding(
            .ok, "private networks",
            isOn
                ? "the host forwards packets"
                : "none for jobs, as net.ipv4.ip_forward is not 1")
    }

    /// cgroup.kill came with 5.14, pidfd_open and P_PIDFD with 5.3 and 5.4.
    private var kernelRelease: Finding {
        let release = text(of: "/proc/sys/kernel/osrelease") ?? "unknown"
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isEnough = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 14)
        guard isEnough else {
            return Finding(
                .problem, "kernel", "Linux \(release)",
                advice: "A server needs Linux 5.14 or later.")
        }
        return Finding(.ok, "kernel", "Linux \(release)")
    }

    /// The mount is looked for, because it need not be at /sys/fs/cgroup. proc_pid_mountinfo(5)
    private var controlGroupMount: String? {
        let mounts = text(of: "/proc/self/mountinfo") ?? ""
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields.count > 5,
                fields[dash + 1] == "cgroup2"
            else { continue }
            return String(fields[4])
        }
        return nil
    }

    private var controlGroups: Finding {
        if let mount = controlGroupMount { return controllers(at: mount) }
        return Finding(
            .warning, "control groups", "version 2 is not mounted here",
            advice:
                "A server here must kill what a job leaves behind process by process: boot with "
                + "systemd.unified_cgroup_hierarchy=1 to have it.")
    }

    /// A controller that a version 1 hierarchy has is not there for version 2; cgroups(7).
    private func controllers(at mount: String) -> Finding {
        let offered = (text(of: "\(mount)/cgroup.controllers") ?? "").split(separator: " ")
        let missing = ["cpu", "cpuset", "io", "memory", "pids"].filter {
            !offered.contains(Substring($0))
        }
        guard !missing.isEmpty else {
            return Finding(.ok, "control groups", "version 2 at \(mount)")
        }
        return Finding(
            .warning, "control groups",
            "version 2 at \(mount), without \(missing.joined(separator: ", "))",
            advice:
                "A server here cannot limit what these would count: boot with "
                + "systemd.unified_cgroup_hierarchy=1 to have them.")
    }

    /// Debian and Ubuntu have switches of their own beside the kernel's. user_namespaces(7)
    private var userNamespaces: Finding {
        let switches = [
            ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
            (
                "/proc/sys/kernel/unprivileged_userns_clone", "0",
                "kernel.unprivileged_userns_clone=1"
            ),
            (
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
                "kernel.apparmor_restrict_unprivileged_userns=0"
            ),
        ]
        for (path, off, remedy) in switches where text(of: path) == off {
            return Finding(
                .warning, "user namespaces", "switched off",
                advice: "A server that is not root cannot isolate jobs: sysctl -w \(remedy)")
        }
        return Finding(.ok, "user namespaces", "allowed")
    }

    /// The text of a small file without the newline at its end.
    private func text(of path: String) -> String? {
        guard let bytes = try? kernel.contents(of: path, sizeMax: 1 << 20) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
