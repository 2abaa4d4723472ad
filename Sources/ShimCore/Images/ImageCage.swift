import CLinux
import Glibc
import ShimProtocol

/// Shuts a process off that handles what a stranger sent, before it looks at it.
///
/// It can then see one directory and what was handed to it, holds no privilege that it does not
/// need, and does not outlive the server.
struct ImageCage: Equatable {
    /// The PID of the server, which started this process.
    let server: Int32

    /// To make files that belong to others, and to get past their permissions; capabilities(7).
    ///
    /// Without CAP_MKNOD no device can be made, without CAP_SYS_CHROOT the root not be left.
    private static let ownership: UInt64 = 1 << 0 | 1 << 1 | 1 << 3  // CHOWN, DAC_OVERRIDE, FOWNER
    /// An honest archive needs a hundredth of it, and an unpacker of xz's best archives 65 MiB.
    private static let memoryMax: UInt = 1 << 30
    /// Nobody: user and group of whoever is to have no files; passwd(5).
    private static let nobody: UInt32 = 65_534

    /// Makes the directory of ``ImageDescriptor/directory`` the root.
    func enter() throws(SystemError) {
        try becomeMortal()
        _ = try retrying { fchdir(ImageDescriptor.directory) }
        _ = try retrying { chroot(".") }
        _ = try retrying { close(ImageDescriptor.directory) }
        _ = try retrying { clinux_process_control(PR_SET_NO_NEW_PRIVS, 1) }
        _ = try retrying { clinux_set_capabilities(Self.ownership) }
        umask(0)
    }

    /// Becomes nobody, who reads one stream and writes another.
    func becomeNobody() throws(SystemError) {
        try becomeMortal()
        _ = try retrying { chdir("/") }
        _ = try retrying { setgroups(0, nil) }
        _ = try retrying { setgid(Self.nobody) }
        _ = try retrying { setuid(Self.nobody) }
        _ = try retrying { clinux_process_control(PR_SET_NO_NEW_PRIVS, 1) }
        // The change of user has cleared it, prctl(2).
        try dieWithServer()
    }

    /// Ends with the server, and is bounded in memory.
    private func becomeMortal() throws(SystemError) {
        try dieWithServer()
        var limit = rlimit(rlim_cur: Self.memoryMax, rlim_max: Self.memoryMax)
        _ = try retrying { setrlimit(Int32(RLIMIT_AS.rawValue), &limit) }
    }

    /// The signal only comes if the server was alive when it was asked for, prctl(2); the next one
    /// removes what this process would work on.
    private func dieWithServer() throws(SystemError) {
        _ = try retrying { clinux_process_control(PR_SET_PDEATHSIG, UInt(SIGKILL)) }
        guard getppid() == server else { throw SystemError(number: ESRCH) }
    }
}
