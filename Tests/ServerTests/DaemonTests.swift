import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// The whole daemon in this process: real sockets, mutual TLS, real jobs.
@Suite(.timeLimit(.minutes(10))) struct DaemonTests {
    static let service = "/cmdctl.v1.JobService"

    @Test func `a job runs, and its output and its end arrive`() throws {
        let bench = try DaemonBench()
        let client = try bench.connect(as: "a")
        let job = try bench.start("echo out; echo err >&2; exit 7", over: client)
        #expect(job.state == .running && job.owner == "a")
        let answer = try bench.follow(job, over: client)
        try bench.turn { answer.status != nil }
        #expect(answer.status == .ok)
        let messages: [Cmdctl_V1_GetOutputResponse] = try answer.all()
        let bytes = messages.flatMap { [UInt8]($0.data) }
        #expect(
            Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n")) == ["out", "err"])
        let end = try #require(messages.last).end.job
        #expect(end.state == .exited && end.outcome == .failed && end.exitCode == 7)
        #expect(messages.last?.offset == 8 && end.outputSize == 8)
        #expect(messages.flatMap(\.runs).map(\.length).reduce(0, +) == 8)
    }

    @Test func `a megabyte of any bytes arrives as it was written`() throws {
        let bench = try DaemonBench()
        let client = try bench.connect(as: "a")
        let line = "i=0; while [ $i -lt 4096 ]; do printf '%0255d\\n' $i; i=$((i+1)); done"
        let answer = try bench.follow(try bench.start(line, over: client), over: client)
        try bench.turn { answer.status != nil }
        let messages: [Cmdctl_V1_GetOutputResponse] = try answer.all()
        var expected: UInt64 = 0
        var bytes: [UInt8] = []
        for message in messages.dropLast() {
            #expect(message.offset == expected)
            #expect(Int(message.runs.map(\.length).reduce(0, +)) == message.data.count)
            expected += UInt64(message.data.count)
            bytes += [UInt8](message.data)
        }
        #expect(bytes.count == 1 << 20)
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        #expect(lines.enumerated().allSatisfy { Int(String(decoding: $1, as: UTF8.self)) == $0 })
    }

    @Test func `a client without a certificate gets an alert and no answer`() throws {
        let bench = try DaemonBench()
        let client = try bench.connect(as: nil)
        let answer = try bench.call(
            "/grpc.health.v1.Health/Check", Grpc_Health_V1_HealthCheckRequest(), over: client)
        #expect(answer.status?.code == .unavailable)
        try bench.turn { client.closeReason != nil }
        let alert = TLSFailure.certificateRefusedByPeer(TLSAlert(rawValue: 116))
        #expect(client.closeReason == .handshakeFailed(alert))
        try bench.turn { bench.sink.lines.contains { $0.contains("\"client refused\"") } }
    }

    @Test func `a job of somebody else is answered as one that is not there`() throws {
        let bench = try DaemonBench()
        let owner = try bench.connect(as: "a")
        let foreign = try bench.start("sleep 60", over: owner).id
        let missing = String(foreign.map { $0 == "0" ? "f" : $0 })
        let other = try bench.connect(as: "b")
        for method in ["GetJob", "WaitJob", "DeleteJob", "GetOutput", "StopJob", "SignalJob"] {
            let answers = try [foreign, missing].map { id in
                // In each of these requests the job is field 1.
                let request = Cmdctl_V1_GetJobRequest.with { $0.job = id }
                let failure = try bench.call("\(Self.service)/\(method)", request, over: other)
                let status = try #require(failure.status)
                let told = try Details(status).status.textFormatString()
                return [status.code.name, status.message, told].map {
                    $0.split(separator: id).joined(separator: "ID")
                }
            }
            #expect(answers[0] == answers[1], "\(method)")
            #expect(answers[0][0] == "NOT_FOUND")
        }
        let list: Cmdctl_V1_ListJobsResponse = try bench.call(
            "\(Self.service)/ListJobs", Cmdctl_V1_ListJobsRequest(), over: other
        ).only()
        #expect(list.jobs.isEmpty)
        let admin = try bench.connect(as: "b", admin: true)
        let stop = Cmdctl_V1_StopJobRequest.with { $0.job = foreign }
        let stopped: Cmdctl_V1_StopJobResponse = try bench.call(
            "\(Self.service)/StopJob", stop, over: admin
        ).only()
        #expect(stopped.job.outcome == .stopped && stopped.job.owner == "a")
    }

    @Test func `pages of a list hold each job once, newest first`() throws {
        let bench = try DaemonBench()
        let client = try bench.connect(as: "a")
        let started = try (0..<5).map { _ in try bench.start("true", over: client).id }
        var listed: [String] = []
        var request = Cmdctl_V1_ListJobsRequest.with { $0.pageSize = 2 }
        repeat {
            let page: Cmdctl_V1_ListJobsResponse = try bench.call(
                "\(Self.service)/ListJobs", request, over: client
            ).only()
            #expect(page.jobs.count <= 2)
            listed += page.jobs.map(\.id)
            request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        #expect(listed == started.reversed())
    }

    @Test func `a start that is repeated gets the same answer and starts nothing`() throws {
        let bench = try DaemonBench()
        let client = try bench.connect(as: "a")
        var request = Cmdctl_V1_StartJobRequest()
        request.spec.command.shell = "true"
        request.requestID = "7B1D9A54-7F2B-4B8E-9E36-2D1C5D6A9F10"
        let path = "\(Self.service)/StartJob"
        let first: Cmdctl_V1_StartJobResponse = try bench.call(path, request, over: client).only()
        request.requestID = request.requestID.lowercased()
        let again: Cmdctl_V1_StartJobResponse = try bench.call(path, request, over: client).only()
        #expect(first.job.id == again.job.id)
        request.spec.command.shell = "false"
        let reused = try bench.call(path, request, over: client).failure()
        #expect(reused.info.reason == "REQUEST_ID_REUSED")
    }

    @Test func `a waiter that leaves is forgotten, and its deadline is told`() throws {
        let bench = try DaemonBench()
        let client = try bench.connect(as: "a")
        let job = try bench.start("sleep 60", over: client)
        let request: [UInt8] = try Cmdctl_V1_WaitJobRequest.with { $0.job = job.id }
            .serializedBytes()
        let answer = RecordedAnswer()
        let call = client.call(
            "\(Self.service)/WaitJob", timeout: .milliseconds(50), receiver: answer)
        call.send(request)
        call.halfClose()
        try bench.turn { answer.status != nil }
        #expect(answer.status?.code == .deadlineExceeded)
        let stop = Cmdctl_V1_StopJobRequest.with {
            $0.job = job.id
            $0.gracePeriod = .init()
        }
        let stopped: Cmdctl_V1_StopJobResponse = try bench.call(
            "\(Self.service)/StopJob", stop, over: client
        ).only()
        #expect(stopped.job.outcome == .killed && stopped.job.signal == 9)
    }

    // MARK: Ending

    @Test func `an admin ends the server, and its jobs if asked to`() throws {
        let bench = try DaemonBench()
        let admin = try bench.connect(as: "root", admin: true)
        let follower = try bench.follow(try bench.start("sleep 60", over: admin), over: admin)
        let request = Cmdctl_V1_ShutdownServerRequest.with { $0.stopJobs = true }
        let _: Cmdctl_V1_ShutdownServerResponse = try bench.call(
            "/cmdctl.v1.AdminService/ShutdownServer", request, over: admin
        ).only()
        try bench.turn { bench.daemon.hasEnded }
        let messages: [Cmdctl_V1_GetOutputResponse] = try follower.all()
        #expect(follower.status == .ok)
        #expect(messages.last?.end.job.outcome == .stopped)
        // The client hears of it a turn later, if the machine is busy.
        try bench.turn { admin.closeReason != nil }
    }

    @Test func `who follows a job that runs on is told why it ends`() throws {
        let bench = try DaemonBench(drainDeadline: .milliseconds(50))
        let client = try bench.connect(as: "a")
        let job = try bench.start("echo hi; sleep 60", over: client)
        let follower = try bench.follow(job, over: client)
        try bench.turn { !follower.messages.isEmpty }
        bench.daemon.startShutdown(stoppingJobs: false)
        try bench.turn { bench.daemon.hasEnded }
        #expect(try follower.failure().info.reason == "SERVER_DRAINING")
        #expect(follower.status?.code == .unavailable)
        try bench.stopAllJobs()
    }

    @Test func `jobs that are to end with the server do, whoever ends it`() throws {
        let bench = try DaemonBench(flags: [.onShutdown: "stop"])
        let client = try bench.connect(as: "a")
        let follower = try bench.follow(try bench.start("sleep 60", over: client), over: client)
        bench.daemon.startShutdown(stoppingJobs: false)
        try bench.turn { bench.daemon.hasEnded }
        let messages: [Cmdctl_V1_GetOutputResponse] = try follower.all()
        #expect(messages.last?.end.job.outcome == .stopped)
    }

    @Test func `an address that a killed daemon still holds is waited for`() throws {
        let reactor = try Reactor(choosing: .auto)
        let held = try reactor.kernel.listen(on: .loopback(port: 0), backlog: 1)
        let address = try reactor.kernel.localAddress(of: held.raw)
        let raw = held.release()
        // Before the daemon begins, so that it is due after its first try.
        reactor.schedule(after: .milliseconds(100)) { reactor.kernel.close(raw) }
        let bench = try DaemonBench(flags: [.listen: "\(address)"], reactor: reactor)
        #expect(bench.address == address)
    }

    @Test func `a backend that cannot be had is told in one line, with the reason`() throws {
        let bench = try DaemonBench()
        let before = bench.sink.lines.count
        bench.daemon.tell(of: BackendFailure(kind: .ioUring, errno: .notImplemented))
        let lines = bench.sink.lines.dropFirst(before)
        #expect(lines.count == 1)
        #expect(lines.last?.contains("level=notice") == true)
        #expect(lines.last?.contains("this kernel has no io_uring") == true)
        #expect(lines.last?.contains("backend=\(bench.reactor.backendName)") == true)
    }

    @Test func `nobody is connected, so the end comes at once`() throws {
        let bench = try DaemonBench()
        bench.daemon.startShutdown(stoppingJobs: true)
        try bench.turn { bench.daemon.hasEnded }
        // The port is free again as soon as nobody waits for connections.
        try bench.turn {
            do {
                _ = try bench.reactor.kernel.listen(on: bench.address, backlog: 1)
                return true
            } catch {
                return false
            }
        }
    }

    @Test func `jobs are stopped that are still to be taken over when the end begins`() throws {
        let bench = try DaemonBench(drainDeadline: .milliseconds(50))
        let client = try bench.connect(as: "a")
        _ = try bench.start("sleep 60", over: client)
        bench.daemon.startShutdown(stoppingJobs: false)
        try bench.turn { bench.daemon.hasEnded }
        // Another state directory with the same job: this one stays locked.
        let path = bench.directory.path
        try bench.reactor.kernel.makeDirectory("\(path)/other", mode: 0o700)
        try bench.reactor.kernel.rename("\(path)/state/logs", to: "\(path)/other/logs")
        let other = try bench.makeAnother([
            .stateDirectory: "\(path)/other", .listen: "127.0.0.1:0",
            .certificate: "\(path)/server.pem", .key: "\(path)/server.key",
            .clientCA: "\(path)/ca.pem",
        ])
        var listens = false
        other.start { _ in listens = true }
        other.startShutdown(stoppingJobs: true)
        try bench.turn { other.hasEnded }
        #expect(!listens)
        let admin = Viewer(tenant: Tenant(name: "root"), isAdmin: true)
        let jobs = other.jobs.list(JobFilter(), after: nil, limit: 9, for: admin).jobs
        #expect(jobs.map(\.outcome) == [.stopped])
    }

    // MARK: Not beginning

    @Test func `a port that is taken and a directory that is in use are told as such`() throws {
        let bench = try DaemonBench()
        let path = bench.directory.path
        var flags: [Setting: String] = [
            .stateDirectory: "\(path)/state", .listen: bench.address.description,
            .certificate: "\(path)/server.pem", .key: "\(path)/server.key",
            .clientCA: "\(path)/ca.pem",
        ]
        let second = try #require(throws: StartupError.self) { try bench.startAnother(flags) }
        #expect(second.sentence.contains("in use by another daemon"), "\(second.sentence)")
        flags[.stateDirectory] = "\(path)/other"
        let taken = try #require(throws: StartupError.self) { try bench.startAnother(flags) }
        #expect(taken.sentence.hasPrefix("Another program listens on \(bench.address) already."))
        flags[.key] = "\(path)/ca.key"
        let mismatch = try #require(throws: StartupError.self) { try bench.startAnother(flags) }
        #expect(mismatch.sentence.contains("does not belong to the certificate"))
        flags[.shim] = "\(path)/nothing"
        flags[.key] = "\(path)/server.key"
        let shim = try #require(throws: StartupError.self) { try bench.startAnother(flags) }
        #expect(shim.sentence.contains("Install cmdctl-shim beside cmdctld"))
    }
}
