import CLinux
import Glibc
package import ShimProtocol

extension LinuxSystem {
    package func leaveDaemon() {
        setsid()
        chdir("/")
    }

    package func becomeSubreaper() throws(SystemError) {
        _ = try retrying { clinux_process_control(PR_SET_CHILD_SUBREAPER, 1) }
    }

    /// A job that runs as the shim's user could otherwise open the log and the pipes through
    /// /proc/PID/fd of the shim, or trace it.
    ///
    /// PR_SET_DUMPABLE, prctl(2).
    package func hideFromOtherProcesses() {
        _ = clinux_process_control(PR_SET_DUMPABLE, 0)
    }

    package func startLeader(_ launch: LeaderLaunch) throws(StartFailure) -> StartedProcess {
        let parent = getpid()
        // In a namespace that was done outside.
        if !launch.plan.makePIDNamespace { try handOverOutput(of: launch) }
        return try making(clinux_blocking_pipe) { (report) throws(StartFailure) in
            var leader = LeaderProcess(launch: launch, parent: parent, report: report)
            // Inside the namespace the first process is in the group already, and so are its children.
            if launch.plan.makePIDNamespace { return try forkInPlace(&leader) }
            let pid = try fork(namespaces: 0, cgroupDirectory: launch.plan.cgroupDirectory)
            if pid == 0 { leader.run() }
            return pid
        }
    }

    private func forkInPlace(_ leader: inout LeaderProcess) throws(StartFailure) -> Int32 {
        // To become somebody else changes this for the memory, which the child borrows. prctl(2).
        let isDumpable = clinux_process_control(PR_GET_DUMPABLE, 0)
        defer { _ = clinux_process_control(PR_SET_DUMPABLE, UInt(isDumpable)) }
        return try at(.supervisor, "clone") {
            withUnsafeMutablePointer(to: &leader) {
                clinux_fork_in_place(
                    { $0?.assumingMemoryBound(to: LeaderProcess.self).pointee.run() }, $0)
            }
        }
    }

    package func startInit(_ launch: LeaderLaunch) throws(StartFailure) -> StartedProcess {
        let sandbox = launch.plan.sandbox
        try handOverOutput(of: launch)
        let process = try making(clinux_message_pair) { (link) throws(StartFailure) in
            try asOwner(of: sandbox) { () throws(StartFailure) in
                let pid = try fork(
                    namespaces: sandbox.map(Self.namespaces)
                        ?? clinux_new_pid_namespace | clinux_new_mount_namespace,
                    cgroupDirectory: launch.plan.cgroupDirectory)
                if pid == 0 { runInit(launch, link: link) }
                return pid
            }
        }
        if let sandbox { try release(process.pid, process.descriptor, sandbox) }
        return process
    }

    /// Makes a pair of connected descriptors and a child; the first end stays here, the second is
    /// the child's.
    private func making(
        _ make: (UnsafeMutablePointer<Int32>) -> Int32,
        _ body: (Int32) throws(StartFailure) -> Int32
    ) throws(StartFailure) -> StartedProcess {
        var ends: (Int32, Int32) = (-1, -1)
        try at(.supervisor, "pipe") { withEnds(&ends, make) }
        defer { close(ends.1) }
        do throws(StartFailure) {
            return StartedProcess(pid: try body(ends.1), descriptor: ends.0)
        } catch {
            close(ends.0)
            throw error
        }
    }

    private func fork(
        namespaces: UInt64, cgroupDirectory: String?
    ) throws(StartFailure) -> Int32 {
        let cgroup = try cgroupDirectory.map(openDirectory) ?? -1
        defer { if cgroup >= 0 { close(cgroup) } }
        do throws(SystemError) {
            return try retrying { clinux_fork(namespaces, cgroup) }
        } catch {
            throw CloneFailure(
                errno: error.number, makesNamespaces: namespaces != 0,
                cgroupDirectory: cgroupDirectory
            ).startFailure
        }
    }

    private func openDirectory(_ path: String) throws(StartFailure) -> Int32 {
        try at(.cgroup, path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }

    package func reapChild() -> ReapedChild {
        var status: Int32 = 0
        guard let pid = try? retrying({ waitpid(-1, &status, WNOHANG) }) else {
            return .noChildren
        }
        return pid == 0 ? .noneYet : .ended(pid: pid, how: ProcessEnd(waitStatus: status))
    }

    package func signal(_ number: Int32, process pid: Int32) {
        _ = Glibc.kill(pid, number)
    }

    package func signal(_ number: Int32, group pid: Int32) {
        _ = Glibc.kill(-pid, number)
    }

    package func childrenUsage() -> ResourceUsage {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        return ResourceUsage(
            userCPUMicroseconds: usage.ru_utime.microseconds,
            systemCPUMicroseconds: usage.ru_stime.microseconds,
            maxResidentBytes: UInt64(usage.ru_maxrss) * 1024)
    }
}

extension timeval {
    fileprivate var microseconds: UInt64 { UInt64(tv_sec) * 1_000_000 + UInt64(tv_usec) }
}

extension ProcessEnd {
    /// Reads the status of wait(2), whose macros Swift cannot import.
    package init(waitStatus status: Int32) {
        let number = status & 0x7F
        self = number == 0 ? .exited(code: status >> 8 & 0xFF) : .signaled(number: number)
    }
}

/// A clone3(2) that failed, and what it had been asked for: together they tell the stage.
struct CloneFailure {
    let errno: Int32
    let makesNamespaces: Bool
    let cgroupDirectory: String?

    var startFailure: StartFailure {
        switch errno {
        case EACCES, EBADF, EBUSY, EOPNOTSUPP, ENODEV:
            if let cgroupDirectory {
                return StartFailure(stage: .cgroup, errno: errno, detail: cgroupDirectory)
            }
        case EPERM, EINVAL, ENOSPC, EUSERS:
            if makesNamespaces {
                return StartFailure(stage: .namespaces, errno: errno, detail: "clone3")
            }
        default:
            break
        }
        return StartFailure(stage: .supervisor, errno: errno, detail: "clone3")
    }
}
