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
    private var refusals = RefusalThrottle(interval: Limits.refusalLogInterval)

    private struct Entry {
        let connection: Connection
        let client: ClientConnection
    }

    init(
        channels: ClientChannels, methods: MethodTable, resources: ConnectionResources,
        logger: Logger
    ) {
        self.channels = channels
        self.methods = methods
        self.resources = resources
        self.logger = logger
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Begins the handshake with a client.
    func open(_ descriptor: consuming OwnedDescriptor, from address: SocketAddress?) {
        nextNumber += 1
        let number = nextNumber
        let limits = resources.limits
        let events = ClientConnection.Events(
            identified: { [weak self] in self?.log($0, from: address) },
            closed: { [weak self] in self?.closed(number, from: address, $0) })
        let client = ClientConnection(
            methods: methods, limits: limits, logger: logger, events: events)
        let connection = Connection(
            descriptor: descriptor, remoteAddress: address,
            channel: channels.make(), application: client, resources: resources,
            isAccepted: true)
        entries[number] = Entry(connection: connection, client: client)
        connection.start()
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

    private func closed(
        _ number: Int, from address: SocketAddress?, _ reason: ConnectionCloseReason
    ) {
        entries[number] = nil
        log(reason, from: address)
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
        case .handshakeFailed, .handshakeTimeout, .protocolError:
            logRefusal(reason.description, of: address)
        case .finished, .peerClosed, .reset, .connectFailed, .idle, .keepaliveTimeout, .shutdown:
            logger.debug(
                "client left", metadata: ["address": .address(address), "reason": "\(reason)"])
        }
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
