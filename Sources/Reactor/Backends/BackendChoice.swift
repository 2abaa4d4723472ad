/// The real backends.
package enum BackendKind: String, CaseIterable, Sendable {
    /// Readiness by epoll(7), which every kernel has.
    case epoll

    /// Those that work on this host.
    package static var available: [BackendKind] { allCases }

    /// Makes one.
    package func makeBackend() throws(Errno) -> any Backend {
        switch self {
        case .epoll: try EpollBackend()
        }
    }
}

/// What a user may ask for with `--backend`.
package enum BackendChoice: String, CaseIterable, Sendable {
    /// The best one on this host.
    case auto
    /// Exactly this one.
    case epoll

    /// What the choice comes to.
    package var kind: BackendKind {
        switch self {
        case .auto, .epoll: .epoll
        }
    }
}

extension Reactor {
    /// Makes a loop on the real machine.
    package convenience init(choosing choice: BackendChoice = .auto) throws(Errno) {
        self.init(backend: try choice.kind.makeBackend(), kernel: LinuxKernel())
    }
}
