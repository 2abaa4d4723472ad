import JobsAPI
import Reactor
import ShimProtocol
import Simulator
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// The daemon on a simulated machine, spoken to without TLS.
@Suite struct PlaintextDaemonTests {
    @Test func `a job is started and followed to its end`() throws {
        let machine = SimulatedMachine(seed: 1)
        machine.install("/cmdctl-shim") { $0.runOneLine() }
        let reactor = machine.makeReactor()
        let daemon = try Daemon(
            try Configuration(flags: [
                .stateDirectory: "/state", .listen: "127.0.0.1:9090", .certificate: "none",
                .key: "none", .clientCA: "none", .shim: "/cmdctl-shim",
            ]), reactor: reactor, sink: Silence(),
            surroundings: Surroundings(channels: .plaintext(as: "alice")))
        var address: SocketAddress?
        daemon.start { address = try? $0.get() }
        try machine.runUntilIdle()
        let listening = try #require(address)
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "\(listening)", userAgent: "test", scheme: "http"),
            reactor: reactor, limits: TransportLimits())
        ClientConnector(
            endpoint: try Endpoint("\(listening)"), context: nil, application: client,
            resources: ConnectionResources(reactor: reactor, limits: TransportLimits())
        ).start()

        let started = Answer()
        let start = client.call("/cmdctl.v1.JobService/StartJob", receiver: started)
        start.send(
            try Cmdctl_V1_StartJobRequest.with { $0.spec.command.shell = "-" }.serializedBytes())
        start.halfClose()
        try machine.advance(by: .seconds(1))
        let response = try Cmdctl_V1_StartJobResponse(
            serializedBytes: try #require(started.messages.first))

        let followed = Answer()
        let follow = client.call("/cmdctl.v1.JobService/GetOutput", receiver: followed)
        follow.send(
            try Cmdctl_V1_GetOutputRequest.with { $0.job = response.job.id }.serializedBytes())
        follow.halfClose()
        try machine.advance(by: .seconds(1))
        let messages = try followed.messages.map {
            try Cmdctl_V1_GetOutputResponse(serializedBytes: $0)
        }
        #expect(messages.flatMap { [UInt8]($0.data) } == Array("one line\n".utf8))
        #expect(messages.last?.end.job.exitCode == 3)
        #expect(followed.status == .ok)
        reactor.dismantle()
    }
}

/// What one call brought.
private final class Answer: GRPCResponseReceiver {
    var messages: [[UInt8]] = []
    var status: GRPCStatus?

    func receivedHeaders(_ metadata: GRPCMetadata) {}
    func received(_ message: [UInt8]) { messages.append(message) }
    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) { self.status = status }
}

private final class Silence: LineSink {
    var now: Timestamp { Timestamp(nanoseconds: 0) }
    func write(_ line: String) {}
}

extension SimulatedProcess {
    /// Does as a shim does whose command writes one line and exits with 3.
    fileprivate func runOneLine() {
        let line = Array("one line\n".utf8)
        let header = IndexHeader(
            jobID: [UInt8](repeating: 0, count: 16), head: 0, createdNanoseconds: 1)
        let records: [IndexRecord] = [
            .started(timeNanoseconds: 1, shimPID: pid, leaderPID: 2),
            .run(offset: 0, timeNanoseconds: 2, stream: .stdout),
            .end(
                EndRecord(
                    how: .exited(code: 3), killedByShim: false, stopRequested: false,
                    signalRequested: false, outputSize: UInt64(line.count), timeNanoseconds: 3,
                    userCPUMicroseconds: 0, systemCPUMicroseconds: 0, maxResidentBytes: 0,
                    droppedBytes: 0)),
        ]
        let report = StartReport.started(leaderPID: 2, timeNanoseconds: 1)
        put(header.encoded() + records[0].encoded(), into: ShimDescriptor.index)
        put(report.encoded(), into: ShimDescriptor.status)
        after(.milliseconds(5)) { shim in
            shim.put(records[1].encoded(), into: ShimDescriptor.index)
            shim.put(line, into: ShimDescriptor.log)
            shim.put(records[2].encoded(), into: ShimDescriptor.index)
            shim.exit(code: 0)
        }
    }

    private func put(_ bytes: [UInt8], into descriptor: Int32) {
        guard (try? write(bytes, to: descriptor)) == bytes.count else {
            preconditionFailure("descriptor \(descriptor) does not take what is written to it")
        }
    }
}
