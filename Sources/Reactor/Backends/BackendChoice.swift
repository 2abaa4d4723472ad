/// The real backends.
package enum BackendKind: String, CaseIterable, Sendable {
    /// Readiness by epoll(7), which every kernel has.
    case epoll
    /// Completion by io_uring(7), of Linux 6.1 and later, where nothing forbids it.
    case ioUring = "io_uring"

    /// Makes one.
    package func makeBackend() throws(BackendFailure) -> any Backend {
        do throws(Errno) {
            switch self {
            case .epoll: return try EpollBackend()
            case .ioUring: return try IOUringBackend()
            }
        } catch {
            throw BackendFailure(kind: self, errno: error)
        }
    }
}

/// What a user may ask for with `--backend`.
package enum BackendChoice: String, CaseIterable, Sendable {
    /// The best one on this host.
    case auto
    /// Readiness, which always works.
    case epoll
    /// Completion, or nothing.
    case ioUring = "io_uring"

    /// What `auto` takes where it can be had: here and nowhere else is it decided, and by the
    /// tables of docs/PERFORMANCE.md.
    package static let preferred = BackendKind.epoll

    /// Makes what the choice comes to on this host.
    package func makeBackend() throws(BackendFailure) -> ChosenBackend {
        try makeBackend(preferring: Self.preferred)
    }

    /// Makes what the choice would come to with another preference.
    func makeBackend(preferring preferred: BackendKind) throws(BackendFailure) -> ChosenBackend {
        switch self {
        case .epoll: return try ChosenBackend(.epoll)
        case .ioUring: return try ChosenBackend(.ioUring)
        case .auto:
            do throws(BackendFailure) {
                return try ChosenBackend(preferred)
            } catch  where error.kind == .ioUring {
                return try ChosenBackend(.epoll, insteadOf: error)
            }
        }
    }
}

/// A backend, and how it came to be chosen.
package struct ChosenBackend {
    /// Which one it is.
    package let kind: BackendKind
    /// Why it is not the one that was preferred, if it is not.
    package let failure: BackendFailure?
    /// The backend.
    package let backend: any Backend

    fileprivate init(_ kind: BackendKind, insteadOf failure: BackendFailure? = nil)
        throws(BackendFailure)
    {
        self.kind = kind
        self.failure = failure
        backend = try kind.makeBackend()
    }
}

extension Reactor {
    /// Makes a loop on the real machine.
    package convenience init(choosing choice: BackendChoice) throws(BackendFailure) {
        self.init(backend: try choice.makeBackend().backend, kernel: LinuxKernel())
    }
}
