import Jobs
import JobsAPI
import Logging
import Reactor
import Simulator
import TestSupport
import Transport

@testable import Server

/// Every method of the server over gRPC in memory: no socket, no TLS, no process.
final class MethodBench: CallBench {
    let reactor: Reactor
    let jobs: JobSupervisor
    let health = HealthBoard(services: ["cmdctl.v1.JobService"])
    private(set) var shutdownsAsked: [Bool] = []
    let directory: TemporaryDirectory
    private(set) var methods = MethodTable()
    private var pairs: [Pair] = []

    init(
        shimPath: String = "/nonexistent", importPatience: Duration = Limits.importPatience
    ) throws {
        reactor = try Reactor(choosing: .auto)
        directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        jobs = try JobSupervisor(
            reactor: reactor, stateDirectory: directory.path, shimPath: shimPath,
            records: SimulatedRecords(
                DurableStore(), on: SimulatedMachine(seed: 1), reactor: reactor),
            limits: JobLimits(), logger: logger)
        methods = .all(
            MethodTable.Services(
                jobs: jobs, policy: StartPolicy(StartTerms()), health: health, catalog: .makeOwn(),
                facts: ServerFacts(
                    backend: reactor.backendName, certificateExpires: nil, kernel: reactor.kernel),
                startShutdown: { [weak self] in self?.shutdownsAsked.append($0) },
                importPatience: importPatience))
    }

    deinit {
        reactor.dismantle()
    }

    /// Connects as the holder of a certificate.
    func connect(_ certificate: PeerCertificate?) throws -> GRPCClientConnection {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = ClientConnection(
            methods: methods,
            resources: ConnectionResources(reactor: reactor, limits: Limits.transport),
            logger: logger,
            events: .init(identified: { _ in true }, closed: { _ in }))
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

    func settle() throws {
        for pair in pairs { try pair.settle() }
    }
}
