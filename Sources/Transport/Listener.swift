package import Reactor

/// Accepts connections from a listening socket, at a pace that the loop can bear.
///
/// It waits while there are as many handshakes as there may be: who comes then stays in the kernel's
/// backlog. Out of descriptors, or of memory for sockets, it rests and tries again.
package final class Listener {
    /// The address that is listened on, with the port that the kernel may have chosen.
    package let localAddress: SocketAddress

    private let resources: ConnectionResources
    private let accept: (consuming OwnedDescriptor, SocketAddress?) -> Void
    private let report: (Errno) -> Void

    /// The number of the descriptor that is owned, and closed, through `descriptor`.
    private let socket: Int32
    private var descriptor: OwnedDescriptor?
    private var machine: StateMachine
    private var acceptToken: Token?
    private var restTimer: TimerID?
    private var lastReport: Instant?
    private var closed: (() -> Void)?

    /// Takes over a listening socket; nothing is accepted before ``start()``.
    ///
    /// - Parameters:
    ///   - descriptor: what ``Kernel/listen(on:backlog:)`` made.
    ///   - resources: what the connections of this loop share; one listener per gate.
    ///   - accept: called with each new connection and where it comes from.
    ///   - report: called when accepting fails, at most once in the interval of the limits.
    /// - Throws: why the socket has no address.
    package init(
        descriptor: consuming OwnedDescriptor, resources: ConnectionResources,
        accept: @escaping (consuming OwnedDescriptor, SocketAddress?) -> Void,
        report: @escaping (Errno) -> Void
    ) throws(Errno) {
        localAddress = try resources.reactor.kernel.localAddress(of: descriptor.raw)
        socket = descriptor.raw
        self.descriptor = consume descriptor
        self.resources = resources
        self.accept = accept
        self.report = report
        machine = StateMachine(acceptsPerTurn: resources.limits.acceptsPerTurn)
    }

    /// Begins to accept.
    package func start() {
        precondition(resources.gate.onRoom == nil, "two listeners at one gate")
        resources.gate.onRoom = { [weak self] in self?.advance() }
        advance()
    }

    /// Ends accepting; none is handed on after this, and those that were are not touched.
    ///
    /// - Parameter then: called once the socket is closed.
    package func close(then: @escaping () -> Void = {}) {
        closed = then
        resources.gate.onRoom = nil
        if let restTimer { reactor.cancel(restTimer) }
        machine.close()
        advance()
    }

    private var reactor: Reactor { resources.reactor }

    private func advance() {
        while let order = machine.nextOrder(isFull: resources.gate.isFull) {
            switch order {
            case .accept:
                submitAccept()
            case .cancelAccept:
                if let acceptToken { reactor.cancel(acceptToken) }
            case .close:
                descriptor = nil
                closed?()
                closed = nil
            }
        }
    }

    private func submitAccept() {
        acceptToken = reactor.submit(.accept(listener: socket)) { outcome in
            self.acceptToken = nil
            switch outcome {
            case .success(let raw): self.accepted(OwnedDescriptor(Int32(raw), of: self.kernel))
            case .failure(let errno): self.failed(errno)
            }
            self.advance()
        }
    }

    private func accepted(_ descriptor: consuming OwnedDescriptor) {
        if machine.accepted() {
            reactor.atEndOfTurn {
                self.machine.turnEnded()
                self.advance()
            }
        }
        // Accepted while the accept was being cancelled: it closes as it came.
        guard !machine.isClosing else { return }
        // Nil if the peer has gone already, which its connection will find out.
        let remoteAddress = try? kernel.remoteAddress(of: descriptor.raw)
        accept(descriptor, remoteAddress)
    }

    private var kernel: any Kernel { reactor.kernel }

    private func failed(_ errno: Errno) {
        guard machine.failed(errno) == .rest else { return }
        restTimer = reactor.schedule(after: resources.limits.acceptPause) {
            self.restTimer = nil
            self.machine.rested()
            self.advance()
        }
        let interval = resources.limits.acceptReportInterval
        if let lastReport, reactor.now - lastReport < interval { return }
        lastReport = reactor.now
        report(errno)
    }
}
