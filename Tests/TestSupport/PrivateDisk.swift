import Glibc
import Reactor

/// A small disk that one separate process has to itself: a tmpfs in a mount namespace of its own.
package enum PrivateDisk {
    /// Whether a mount can be kept from the host.
    ///
    /// unshare(1) must first change the root, and that of a chroot is no mount. proc(5), mountinfo.
    private static var isPossible: Bool {
        guard geteuid() == 0 else { return false }
        let bytes = try? LinuxKernel().contents(of: "/proc/self/mountinfo", sizeMax: 1 << 20)
        let mounts = String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n")
        return mounts.contains { $0.split(separator: " ").dropFirst(4).first == "/" }
    }

    /// The sizes to try, as mount(8) writes them; none where a test cannot have a disk of its own.
    package static var sizes: [String] { isPossible ? ["1m"] : [] }

    /// What to start a ``SeparateProcess`` with that shall find a disk of that size at a directory.
    package static func wrapper(size: String, at directory: String) -> [String] {
        let mount = "mkdir -p \(directory) && mount -t tmpfs -o size=\(size) tmpfs \(directory)"
        let line = "\(mount) && exec \"$@\""
        return ["/usr/bin/unshare", "-m", "/bin/sh", "-c", line, "sh"]
    }
}
