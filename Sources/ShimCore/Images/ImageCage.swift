import CLinux
import Glibc
import ShimProtocol

/// Shuts a process off that handles what a stranger sent, before it looks at it.
///
/// It can then see one directory and what was handed to it, holds no privilege that it does not
/// need, and does not outlive the server.
enum ImageCage {
    /// To make files that belong to others, and to get past their permissions; capabilities(7).
    ///
    /// Without CAP_MKNOD no device can be made, without CAP_SYS_CHROOT the root not be left.
    private static let ownership: UInt64 = 1 << 0 | 1 << 1 | 1 << 3  // CHOWN, DAC_OVERRIDE, FOWNER
    /// An honest archive needs a hundredth of it, and an unpacker of xz's best archives 65 MiB.
    private static let memoryMax: UInt = 1 << 30
    /// Nobody: user and group of whoever is to have no files; passwd(5).
    private static let nobody: UInt32 = 65_534

    /// Makes the directory of ``ImageDescriptor/directory`` the root.
    static func enter() throws(SystemError) {
        try becomeMortal()
        _ = try retrying { fchdir(ImageDescriptor.directory) }
        _ = try retrying { chroot(".") }
        _ = try retrying { close(ImageDescriptor.directory) }
        _ = try retrying { clinux_process_control(PR_SET_NO_NEW_PRIVS, 1) }
        _ = try retrying { clinux_set_capabilities(ownership) }
        umask(0)
    }

    /// Becomes nobody, who reads one stream and writes another.
    static func becomeNobody() throws(SystemError) {
        try becomeMortal()
        _ = try retrying { chdir("/") }
        _ = try retrying { setgroups(0, nil) }
        _ = try retrying { setgid(nobody) }
        _ = try retrying { setuid(nobody) }
        _ = try retrying { clinux_process_control(PR_SET_NO_NEW_PRIVS, 1) }
        // The change of user has cleared it, prctl(2).
        _ = try retrying { clinux_process_control(PR_SET_PDEATHSIG, UInt(SIGKILL)) }
    }

    /// Ends with the server, and is bounded in memory.
    private static func becomeMortal() throws(SystemError) {
        _ = try retrying { clinux_process_control(PR_SET_PDEATHSIG, UInt(SIGKILL)) }
        var limit = rlimit(rlim_cur: memoryMax, rlim_max: memoryMax)
        _ = try retrying { setrlimit(Int32(RLIMIT_AS.rawValue), &limit) }
    }

    /// Lets reads and writes of a pipe wait; the server, which does not wait, has the other end.
    static func makeBlocking(_ descriptor: Int32) throws(SystemError) {
        let flags = try retrying { fcntl(descriptor, F_GETFL) }
        _ = try retrying { fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) }
    }
}
