import FoundationEssentials
import Jobs
import JobsAPI
import Logging
import Reactor
import SwiftProtobuf
import TestSupport
import Testing
import Transport

@testable import Server

/// Every method of the server over gRPC in memory: no socket, no TLS, no process.
final class MethodBench {
    let reactor: Reactor
    let jobs: JobSupervisor
    let health = HealthBoard(services: ["cmdctl.v1.JobService"])
    private(set) var shutdownsAsked: [Bool] = []
    private let directory: TemporaryDirectory
    private(set) var methods = MethodTable()
    private var pairs: [Pair] = []

    init() throws {
        reactor = try Reactor(choosing: .auto)
        directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        jobs = try JobSupervisor(
            reactor: reactor, stateDirectory: directory.path, shimPath: "/nonexistent",
            limits: JobLimits(), logger: logger)
        methods = .all(
            MethodTable.Services(
                jobs: jobs, health: health, catalog: .makeOwn(),
                facts: ServerFacts(
                    backend: .auto, certificateExpires: nil, kernel: reactor.kernel),
                startShutdown: { [weak self] in self?.shutdownsAsked.append($0) }))
    }

    /// Connects as the holder of a certificate.
    func connect(_ certificate: PeerCertificate?) throws -> GRPCClientConnection {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = ClientConnection(
            methods: methods, limits: TransportLimits(), logger: logger, closed: { _ in })
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "localhost", userAgent: "test"), reactor: reactor,
            limits: TransportLimits())
        let pair = Pair(client: client, server: server, reactor: reactor)
        pairs.append(pair)
        try pair.connect(
            peer: certificate,
            security: SecurityInfo(protocolName: "TLSv1.3", cipherSuite: "TLS_AES_256_GCM_SHA384"))
        return client
    }

    /// Connects as a tenant.
    func connect(as name: String, admin: Bool = false) throws -> GRPCClientConnection {
        try connect(
            ClientIdentityTests.certificate(
                [Array(name.utf8)], organizations: admin ? ["admin"] : []))
    }

    /// Begins a call with these messages, and leaves its request open.
    func begin(
        _ path: String, _ messages: [[UInt8]], over client: GRPCClientConnection
    ) -> (GRPCClientCall, RecordedAnswer) {
        let answer = RecordedAnswer()
        let call = client.call(path, receiver: answer)
        answer.call = call
        for message in messages { call.send(message) }
        return (call, answer)
    }

    /// Makes a call of one message and waits for its end.
    func call(
        _ path: String, _ message: any SwiftProtobuf.Message, over client: GRPCClientConnection
    ) throws -> RecordedAnswer {
        try call(path, [try message.serializedBytes()], over: client)
    }

    /// Makes a call of any bytes and waits for its end.
    func call(
        _ path: String, _ messages: [[UInt8]], over client: GRPCClientConnection
    ) throws -> RecordedAnswer {
        let (call, answer) = begin(path, messages, over: client)
        call.halfClose()
        try turn { answer.status != nil }
        return answer
    }

    /// Turns the loop until something holds; the test's time limit bounds it.
    func turn(until isDone: () -> Bool) throws {
        // A turn may sleep, and no time limit wakes it.
        var isLate = false
        let alarm = reactor.schedule(after: .seconds(20)) { isLate = true }
        for pair in pairs { try pair.settle() }
        while !isDone() {
            try #require(!isLate, "nothing happened any more")
            try reactor.turn()
            for pair in pairs { try pair.settle() }
        }
        reactor.cancel(alarm)
    }
}

/// A directory that is gone with the object.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
        path = url.appending(path: "cmdctl-server-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
