import Reactor

/// Makes one connection to a server: looks up its name, tries its addresses in turn, and hands the
/// socket to a ``Connection``.
///
/// The application hears of everything: of success by
/// ``ApplicationProtocol/connectionEstablished(_:peer:security:)`` after the handshake, of any
/// failure by ``ApplicationProtocol/connectionClosed(_:)``, exactly once.
package final class ClientConnector {
    private let endpoint: Endpoint
    private let context: TLSContext?
    private let resources: ConnectionResources
    private var application: (any ApplicationProtocol)?
    private var machine: StateMachine
    private var deadline: TimerID?

    /// The socket of the attempt in flight.
    private var connecting: OwnedDescriptor?

    /// Prepares a connection; nothing happens before ``start()``.
    ///
    /// - Parameters:
    ///   - endpoint: the server, whose certificate must be for its host.
    ///   - context: a client's TLS; nil for plaintext, as the simulated machine's tests want it.
    ///   - application: what is to speak on the connection.
    ///   - resources: what the connections of this loop share.
    package init(
        endpoint: Endpoint, context: TLSContext?, application: any ApplicationProtocol,
        resources: ConnectionResources
    ) {
        self.endpoint = endpoint
        self.context = context
        self.application = application
        self.resources = resources
        let deadline = resources.reactor.now + resources.limits.connectDeadline
        machine = StateMachine(endpoint: endpoint, deadline: deadline)
    }

    /// Begins; the first call back comes in a later step of the loop.
    package func start() {
        if let address = SocketAddress(parsing: endpoint.description) {
            return reactor.atEndOfTurn { self.resolved(.success([address])) }
        }
        arm(resources.limits.connectDeadline) {
            // The worker cannot be called back; what it finds will be ignored.
            self.fail(.timedOut(endpoint: self.endpoint.description))
        }
        let endpoint = self.endpoint
        reactor.perform(on: .files) {
            resolve(endpoint)
        } then: { addresses in
            self.resolved(addresses)
        }
    }

    private var reactor: Reactor { resources.reactor }

    private func resolved(_ addresses: Result<[SocketAddress], ConnectFailure>) {
        guard application != nil else { return }
        disarm()
        switch addresses {
        case .success(let addresses):
            carryOut(machine.resolved(addresses, at: reactor.now))
        case .failure(let failure):
            fail(failure)
        }
    }

    private func carryOut(_ order: StateMachine.Order) {
        switch order {
        case .connect(let address, let within): attempt(address, within: within)
        case .give(up: let failure): fail(failure)
        }
    }

    private func attempt(_ address: SocketAddress, within: Duration) {
        do {
            let descriptor = try reactor.kernel.makeStreamSocket(for: address)
            connect(descriptor, to: address, within: within)
        } catch {
            // A host without IPv6, for instance: the next address may do.
            carryOut(machine.attemptFailed(error, at: reactor.now))
        }
    }

    private func connect(
        _ descriptor: consuming OwnedDescriptor, to address: SocketAddress, within: Duration
    ) {
        let token = reactor.submit(.connect(descriptor.raw, address)) { outcome in
            self.disarm()
            self.connected(outcome, address)
        }
        connecting = consume descriptor
        arm(within) { self.reactor.cancel(token) }
    }

    private func connected(_ outcome: Outcome, _ address: SocketAddress) {
        guard let descriptor = connecting.take() else { preconditionFailure("nothing connects") }
        switch outcome {
        case .success:
            succeed(descriptor, address)
        case .failure(let errno):
            carryOut(machine.attemptFailed(errno, at: reactor.now))
        }
    }

    private func arm(_ duration: Duration, _ action: @escaping () -> Void) {
        deadline = reactor.schedule(after: duration) {
            self.deadline = nil
            action()
        }
    }

    private func disarm() {
        if let deadline { reactor.cancel(deadline) }
        deadline = nil
    }

    private func fail(_ failure: ConnectFailure) {
        disarm()
        let application = self.application
        self.application = nil
        application?.connectionClosed(.connectFailed(failure))
    }

    private func succeed(_ descriptor: consuming OwnedDescriptor, _ address: SocketAddress) {
        guard let application else { preconditionFailure("connected after the end") }
        self.application = nil
        let connection = Connection(
            descriptor: descriptor, remoteAddress: address, channel: makeChannel(),
            application: application, resources: resources, isAccepted: false)
        connection.start()
    }

    private func makeChannel() -> any SecureChannel {
        guard let context else { return PlaintextChannel() }
        return TLSSession.client(context, serverName: endpoint.host, limits: resources.limits)
    }
}
