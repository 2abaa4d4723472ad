import DequeModule
import Jobs
import Logging
import Reactor
import Transport

/// Every open connection, from accept to its end.
final class ConnectionTable {
    /// Called when the last connection has closed, each time.
    var onEmpty: (() -> Void)?

    private let channels: ClientChannels
    private let methods: MethodTable
    private let resources: ConnectionResources
    private let logger: Logger
    private var entries: [Int: Entry] = [:]
    private var nextNumber = 0
    private let trimmer: HeapTrimmer
    private var shares: ConnectionShares
    /// Those on which nobody has proven anything, the oldest first; among them some who have since,
    /// or are gone, and are passed over: to take each out would be to look at all of them.
    private var strangers: Deque<Int> = []
    private var refusals = RefusalThrottle(interval: Limits.refusalLogInterval)
    private var overflows = RefusalThrottle(interval: Limits.overflowLogInterval)

    private struct Entry {
        let connection: Connection
        let client: ClientConnection
        var standing = Standing.stranger
    }

    private enum Standing: Equatable {
        /// Nobody has proven anything.
        case stranger
        /// A stranger who has given way to others.
        case leaving
        /// One of the tenant's connections, or, if the certificate names none, of all like it.
        case counted(Tenant?)
        /// One of a tenant's that was too many.
        case turnedAway
    }

    init(
        channels: ClientChannels, methods: MethodTable, resources: ConnectionResources,
        logger: Logger
    ) {
        self.channels = channels
        self.methods = methods
        self.resources = resources
        self.logger = logger
        trimmer = HeapTrimmer(reactor: resources.reactor)
        shares = ConnectionShares(
            countMax: Limits.connectionsPerTenant(of: resources.limits.connectionsAtOnce))
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Begins the handshake with a client, unless there are as many as there may be.
    func open(_ descriptor: consuming OwnedDescriptor, from address: SocketAddress?) {
        guard makeRoom() else { return logOverflow() }
        nextNumber += 1
        let number = nextNumber
        let events = ClientConnection.Events(
            identified: { [weak self] in self?.admit(number, from: address, $0) == true },
            closed: { [weak self] in self?.closed(number, from: address, $0) })
        let client = ClientConnection(
            methods: methods, resources: resources, logger: logger, events: events)
        let connection = Connection(
            descriptor: descriptor, remoteAddress: address,
            channel: channels.make(), application: client, resources: resources,
            isAccepted: true)
        entries[number] = Entry(connection: connection, client: client)
        while let oldest = strangers.first, !isStranger(oldest) { strangers.removeFirst() }
        strangers.append(number)
        connection.start()
    }

    /// Strangers go before anybody who is known: who has failed, or has been silent for a while.
    private func makeRoom() -> Bool {
        guard entries.count >= resources.limits.connectionsAtOnce else { return true }
        let victim = strangers.first {
            isStranger($0) && entries[$0]?.connection.giveWay() == true
        }
        guard let victim else { return false }
        entries[victim]?.standing = .leaving
        return true
    }

    private func isStranger(_ number: Int) -> Bool {
        entries[number]?.standing == .stranger
    }

    /// Tells every client to finish what it has begun.
    func startGracefulShutdown() {
        for entry in inOrder { entry.client.startGracefulShutdown() }
    }

    /// Ends every connection, whatever it is doing.
    func cut() {
        for entry in inOrder {
            entry.client.endOpenCalls()
            entry.connection.close(.shutdown)
        }
    }

    /// Oldest first.
    private var inOrder: [Entry] { entries.sorted { $0.key < $1.key }.map(\.value) }

    /// Whether a client whose handshake is over may stay.
    private func admit(
        _ number: Int, from address: SocketAddress?, _ caller: Result<Caller, IdentityRefusal>
    ) -> Bool {
        log(caller, from: address)
        let tenant = try? caller.get().identity.tenant
        let hasRoom = shares.take(of: tenant)
        trimmer.connectionCameOrWent()
        entries[number]?.standing = hasRoom ? .counted(tenant) : .turnedAway
        if !hasRoom { logRefusal("The tenant has too many connections.", of: address) }
        return hasRoom
    }

    private func closed(
        _ number: Int, from address: SocketAddress?, _ reason: ConnectionCloseReason
    ) {
        let entry = entries.removeValue(forKey: number)
        if case .counted(let tenant) = entry?.standing { shares.giveBack(of: tenant) }
        log(reason, from: address)
        trimmer.connectionCameOrWent()
        if entries.isEmpty { onEmpty?() }
    }
}

// MARK: - Log

extension ConnectionTable {
    private func log(_ caller: Result<Caller, IdentityRefusal>, from address: SocketAddress?) {
        switch caller {
        case .success(let caller):
            logger.debug(
                "client connected",
                metadata: [
                    "address": .address(address), "tenant": "\(caller.identity.tenant.name)",
                ])
        case .failure(let refusal):
            logRefusal("The certificate \(refusal.problem).", of: address)
        }
    }

    private func log(_ reason: ConnectionCloseReason, from address: SocketAddress?) {
        switch reason {
        case .handshakeFailed, .handshakeTimeout, .crowdedOut, .protocolError:
            logRefusal(reason.description, of: address)
        case .finished, .peerClosed, .reset, .connectFailed, .idle, .keepaliveTimeout, .shutdown:
            logger.debug(
                "client left", metadata: ["address": .address(address), "reason": "\(reason)"])
        }
    }

    private func logOverflow() {
        guard let others = overflows.admit(at: resources.reactor.now) else { return }
        logger.warning(
            "too many connections, new ones are closed",
            metadata: ["connections": "\(entries.count)", "closedSinceLast": "\(others + 1)"])
    }

    private func logRefusal(_ reason: String, of address: SocketAddress?) {
        guard let unspoken = refusals.admit(at: resources.reactor.now) else { return }
        var metadata: Logger.Metadata = ["address": .address(address), "reason": "\(reason)"]
        if unspoken > 0 { metadata["others"] = "\(unspoken)" }
        logger.warning("client refused", metadata: metadata)
    }
}

extension Logger.MetadataValue {
    fileprivate static func address(_ address: SocketAddress?) -> Logger.MetadataValue {
        .string(address?.description ?? "unknown")
    }
}
