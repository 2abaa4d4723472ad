import Jobs
import JobsAPI
import Logging
import Reactor
import SwiftProtobuf
import Transport

@testable import Server

/// A daemon on the real machine, with clients of its own making: sockets, TLS, shims and jobs.
final class DaemonBench: CallBench {
    let reactor: Reactor
    let sink = CollectingSink()
    let directory: TemporaryDirectory
    let daemon: Daemon
    let address: SocketAddress
    private let serverCA: CertificateAuthority
    private let clientCA: CertificateAuthority
    private let clientResources: ConnectionResources

    init(
        drainDeadline: Duration = Limits.drainDeadline, flags: [Setting: String] = [:],
        reactor: Reactor? = nil
    ) throws {
        let reactor = try reactor ?? Reactor(choosing: .auto)
        self.reactor = reactor
        directory = try TemporaryDirectory()
        let kernel = reactor.kernel
        let now = kernel.wallClockNow
        serverCA = try .create(commonName: "servers", days: 2, now: now)
        clientCA = try .create(commonName: "clients", days: 2, now: now)
        let path = directory.path
        try serverCA.issueServer(hosts: ["127.0.0.1"], days: 1, now: now).write(
            certificateFile: "\(path)/server.pem", keyFile: "\(path)/server.key", kernel: kernel)
        try clientCA.credential.write(
            certificateFile: "\(path)/ca.pem", keyFile: "\(path)/ca.key", kernel: kernel)
        let configuration = try Configuration(
            flags: [
                .stateDirectory: "\(path)/state", .listen: "127.0.0.1:0",
                .certificate: "\(path)/server.pem", .key: "\(path)/server.key",
                .clientCA: "\(path)/ca.pem", .logLevel: "debug",
            ].merging(flags) { _, flag in flag })
        clientResources = ConnectionResources(reactor: reactor, limits: TransportLimits())
        daemon = try Daemon(
            configuration, reactor: reactor, sink: sink, drainDeadline: drainDeadline)
        var answer: Result<SocketAddress, StartupError>?
        daemon.start { answer = $0 }
        while answer == nil { try reactor.turn() }
        address = try answer?.get() ?? { throw StartupError.system("to start", .canceled) }()
    }

    deinit {
        reactor.dismantle()
    }

    /// Connects over mutual TLS; nil presents no certificate.
    func connect(
        as name: String?, admin: Bool = false, issuedBy authority: CertificateAuthority? = nil
    ) throws -> GRPCClientConnection {
        let credential = try name.map {
            try (authority ?? clientCA).issueClient(
                commonName: $0, role: admin ? "admin" : nil, days: 1,
                now: reactor.kernel.wallClockNow)
        }
        let context = try TLSContext.client(
            credential: credential, authorities: [serverCA.certificate])
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: address.description, userAgent: "test"),
            reactor: reactor, limits: TransportLimits())
        ClientConnector(
            endpoint: try Endpoint(address.description), context: context, application: client,
            resources: clientResources
        ).start()
        return client
    }

    /// Starts a shell line as a job.
    func start(_ line: String, over client: GRPCClientConnection) throws -> Cmdctl_V1_Job {
        let request = Cmdctl_V1_StartJobRequest.with { $0.spec.command.shell = line }
        let response: Cmdctl_V1_StartJobResponse = try call(
            "/cmdctl.v1.JobService/StartJob", request, over: client
        ).only()
        return response.job
    }

    /// Kills what a test has left running.
    func stopAllJobs() throws {
        var isDone = false
        daemon.jobs.stopAll(grace: .zero) { isDone = true }
        try turn { isDone }
    }

    /// Makes a daemon beside this one, which has not taken over anything yet.
    func makeAnother(_ flags: [Setting: String]) throws -> Daemon {
        try Daemon(Configuration(flags: flags), reactor: reactor, sink: sink)
    }

    /// Tries to start a daemon beside this one.
    func startAnother(_ flags: [Setting: String]) throws {
        var answer: Result<SocketAddress, StartupError>?
        let other = try makeAnother(flags)
        other.start { answer = $0 }
        try turn { answer != nil }
        _ = try answer?.get()
    }

    /// Begins to follow a job's output.
    func follow(
        _ job: Cmdctl_V1_Job, over client: GRPCClientConnection
    ) throws -> RecordedAnswer {
        let request = Cmdctl_V1_GetOutputRequest.with { $0.job = job.id }
        let (call, answer) = begin(
            "/cmdctl.v1.JobService/GetOutput", [try request.serializedBytes()], over: client)
        call.halfClose()
        return answer
    }
}
