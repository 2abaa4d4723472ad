import CLinux
import Glibc
import ShimProtocol

extension LinuxSystem {
    /// What the first process of a PID namespace does, right after its birth.
    func runInit(_ launch: LeaderLaunch, link: Int32) -> Never {
        closeDescriptors(except: [0, 1, 2, link, launch.standardOutput, launch.standardError])
        "cmdctl-init".withCString {
            _ = clinux_process_control(PR_SET_NAME, UInt(bitPattern: $0))
        }
        dieWithParent(link)
        do throws(StartFailure) {
            if let sandbox = launch.plan.sandbox {
                try enterSandbox(sandbox, link: link)
            } else {
                try mountProc()
            }
            InitProcess(system: self, link: link).run(launch)
        } catch {
            try? send(LinkReport.failed(error).encoded, on: link)
        }
        _exit(0)
    }

    /// Ties the caller to the shim, whatever happens to the daemon.
    ///
    /// The kernel sends SIGKILL when the parent dies, prctl(2), but only if it was alive when that
    /// was asked for. getppid(2) cannot tell, as it is 0 in a new namespace from the beginning; the
    /// link's other end can, as the shim alone holds it.
    func dieWithParent(_ link: Int32) {
        _ = clinux_process_control(PR_SET_PDEATHSIG, UInt(SIGKILL))
        var entry = pollfd(fd: link, events: 0, revents: 0)
        if poll(&entry, 1, 0) == 1 { _exit(0) }
    }

    /// Shows the job its own processes in /proc and not the host's.
    ///
    /// In a chroot(2) the root may be a plain directory, for which the kernel has no propagation
    /// to change (EINVAL, mount(2)). Then the /proc that is mounted there is cut off alone, so that
    /// the new one does not appear on the host.
    private func mountProc() throws(StartFailure) {
        if clinux_make_mount_slave("/", 1) != 0 {
            try at(.namespaces, "/proc") { clinux_make_mount_slave("/proc", 0) }
        }
        try at(.namespaces, "/proc", clinux_mount_proc)
    }
}
