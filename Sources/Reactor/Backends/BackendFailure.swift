/// Why a backend cannot be had on this host.
package struct BackendFailure: Error, Hashable, Sendable {
    /// Which backend.
    package let kind: BackendKind
    /// What the kernel said.
    package let errno: Errno

    /// Puts a failure together.
    package init(kind: BackendKind, errno: Errno) {
        self.kind = kind
        self.errno = errno
    }
}

extension BackendFailure: CustomStringConvertible {
    /// What is in the way, as far as this process can tell.
    package var description: String {
        guard kind == .ioUring else { return "\(kind.rawValue): \(errno)" }
        return switch errno {
        case .notPermitted: denial
        case .notImplemented: "this kernel has no io_uring, or a seccomp filter hides it"
        case .invalidArgument: "io_uring needs Linux 6.1 or later"
        case .noMemory: "no memory for io_uring, or more than RLIMIT_MEMLOCK allows to lock"
        default: "io_uring: \(errno)"
        }
    }

    /// Who says no: of a filter nothing can be read, so it is one where the sysctl allows it.
    private var denial: String {
        let path = "/proc/sys/kernel/io_uring_disabled"
        let setting = try? LinuxKernel().contents(of: path, sizeMax: 16)
        return switch setting?.first {
        case UInt8(ascii: "1"): "io_uring is for one group only (sysctl kernel.io_uring_disabled)"
        case UInt8(ascii: "2"): "io_uring is switched off (sysctl kernel.io_uring_disabled)"
        default: "io_uring is forbidden by a seccomp filter"
        }
    }
}
