import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Client

/// Whole runs of cmdctl against a server that goes away and comes back.
///
/// The goal is that the user sees every byte once and the true end, and need do nothing for it. The
/// method is a script that cuts at the worst moment, and a record of what it was asked.
@Suite(.timeLimit(.minutes(10))) struct ResumeTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer()
    }

    private static let text = String(repeating: "0123456789", count: 10)

    private static func output(from offset: UInt64, count: Int) -> Cmdctl_V1_GetOutputResponse {
        .with {
            $0.offset = offset
            $0.data.append(
                contentsOf: Array(text.utf8.dropFirst(Int(offset)).prefix(count)))
        }
    }

    private static let end = Cmdctl_V1_GetOutputResponse.with { $0.end.job = SampleJobs.failed }

    /// Sends ten bytes of a hundred, and cuts; records at which bytes it was asked to begin.
    private func answerPiecemeal() -> () -> [UInt64] {
        var asked: [UInt64] = []
        server.answers["GetOutput"] = { [unowned server] bytes, call in
            let offset = try Cmdctl_V1_GetOutputRequest(serializedBytes: bytes).offset
            asked.append(offset)
            guard offset < Self.text.utf8.count else {
                try call.send(Self.end)
                return call.finish(.ok)
            }
            try call.send(Self.output(from: offset, count: 10))
            server.cut()
        }
        return { asked }
    }

    @Test func `get-output goes on at the exact byte after each of ten cuts`() throws {
        let asked = answerPiecemeal()
        let finished = try server.run("get-output", "--exit-code", "j")
        #expect(finished.status.code == 7, "\(finished)")
        #expect(finished.output == Self.text)
        #expect(asked() == (0...10).map { $0 * 10 })
        let lines = finished.talk.split(separator: "\n")
        #expect(lines.count == 20, "one for the loss and one for the end of each outage")
        #expect(lines[0].hasSuffix("is lost: the server closed it; reconnecting…"), "\(lines[0])")
        #expect(lines[1] == "cmdctl: reconnected, resuming at byte 10")
    }

    @Test func `run --follow does, too, and asks for the job it has started`() throws {
        server.answer("StartJob", with: Cmdctl_V1_StartJobResponse.with { $0.job.id = "j" })
        let asked = answerPiecemeal()
        let finished = try server.run("run", "--follow", "x")
        #expect(finished.status.code == 7, "\(finished)")
        #expect(finished.output == Self.text)
        #expect(asked().count == 11)
    }

    @Test func `a name is looked up once: it may become another job's`() throws {
        server.answers["GetJob"] = { _, call in
            call.reply(with: Cmdctl_V1_GetJobResponse.with { $0.job.id = "the-id" })
        }
        var asked: Set<String> = []
        server.answers["GetOutput"] = { [unowned server] bytes, call in
            let isFirst = asked.isEmpty
            asked.insert(try Cmdctl_V1_GetOutputRequest(serializedBytes: bytes).job)
            if isFirst { return server.cut() }
            call.reply(with: Self.end)
        }
        #expect(try server.run("get-output", "build").status == .success)
        #expect(asked == ["the-id"])
    }

    @Test func `--from-now begins where the job was when it was asked, cut or not`() throws {
        server.answers["GetJob"] = { _, call in
            call.reply(with: Cmdctl_V1_GetJobResponse.with { $0.job.outputSize = 40 })
        }
        var asked: [UInt64] = []
        server.answers["GetOutput"] = { [unowned server] bytes, call in
            asked.append(try Cmdctl_V1_GetOutputRequest(serializedBytes: bytes).offset)
            // The first connection never brings a message.
            if asked.count == 1 { return server.cut() }
            try call.send(Self.output(from: 40, count: 60))
            call.reply(with: Self.end)
        }
        let finished = try server.run("get-output", "--from-now", "j")
        #expect(asked == [40, 40])
        #expect(finished.output == String(Self.text.dropFirst(40)))
    }

    @Test func `a server that ends says so, and is asked again when it wanted to be`() throws {
        let draining = try Self.draining(retryDelay: .milliseconds(300))
        var asked = 0
        let begin = server.streams.reactor.now
        server.answers["GetOutput"] = { [unowned server] _, call in
            asked += 1
            if asked > 1 { return call.reply(with: Self.end) }
            call.finish(draining)
            // In the same breath, so that both reasons are known at once.
            server.restart(after: .zero)
        }
        let finished = try server.run("get-output", "j")
        #expect(finished.status == .success, "\(finished)")
        #expect(finished.talk.hasPrefix("cmdctl: the server is shutting down; reconnecting…\n"))
        #expect(server.streams.reactor.now - begin >= .milliseconds(300))
    }

    @Test func `while it is away nobody listens there, which is no news`() throws {
        var asked = 0
        server.answers["GetOutput"] = { [unowned server] _, call in
            asked += 1
            if asked > 1 { return call.reply(with: Self.end) }
            server.restart(after: .milliseconds(700))
        }
        let finished = try server.run("get-output", "j")
        #expect(finished.status == .success, "\(finished)")
        #expect(finished.talk.split(separator: "\n").count == 2, "\(finished)")
    }

    @Test func `patience ends with the way to go on`() throws {
        server.answers["GetOutput"] = { [unowned server] _, call in
            try call.send(Self.output(from: 0, count: 4))
            server.restart(after: nil)
        }
        let finished = try server.run("get-output", "--reconnect-timeout", "300ms", "j")
        #expect(finished.status == .ownFailure)
        #expect(finished.output == "0123")
        #expect(
            finished.talk.contains("nobody listens there, and this for 300ms now"), "\(finished)")
        #expect(finished.talk.contains("`cmdctl get-output --offset 4 j` goes on where this ended"))
    }

    @Test func `the first connection is made without patience`() throws {
        server.restart(after: nil)
        let finished = try server.run("get-output", "j")
        #expect(finished.status == .ownFailure)
        #expect(finished.talk.contains("nobody listens there. Is cmdctld running"), "\(finished)")
    }

    @Test func `a job that is gone after the outage is not waited for`() throws {
        let gone = try FailureTests.status(.notFound, "No job 'j'.", reason: "JOB_NOT_FOUND")
        var asked = 0
        server.answers["GetOutput"] = { [unowned server] _, call in
            asked += 1
            if asked == 1 { server.cut() } else { call.finish(gone) }
        }
        let finished = try server.run("get-output", "j")
        #expect(finished.status == .ownFailure)
        #expect(finished.talk.hasSuffix("cmdctl: No job 'j'.\n"), "\(finished)")
    }

    @Test func `a job that is lost ends a follow as what it is`() throws {
        var asked = 0
        server.answer("StartJob", with: Cmdctl_V1_StartJobResponse.with { $0.job.id = "j" })
        server.answers["GetOutput"] = { [unowned server] _, call in
            asked += 1
            if asked == 1 { return server.cut() }
            call.reply(
                with: Cmdctl_V1_GetOutputResponse.with {
                    $0.end.job.state = .exited
                    $0.end.job.outcome = .lost
                })
        }
        let finished = try server.run("run", "--follow", "x")
        #expect(finished.status == .ownFailure)
        #expect(finished.talk.contains("ended: lost"), "125 is not silent: \(finished)")
    }

    @Test func `a server that has become another is not followed`() throws {
        for words in [
            ["init", server.path("other")],
            ["issue", "--dir", server.path("other"), "server", "--host", "127.0.0.1"],
        ] {
            #expect(server.program.run(["pki"] + words) == .success)
        }
        server.answers["GetOutput"] = { [unowned server] _, _ in
            server.restart(after: .zero, as: "other")
        }
        let finished = try server.run("get-output", "j")
        #expect(finished.status == .ownFailure)
        #expect(finished.talk.contains("it was not issued by a trusted CA"), "\(finished)")
    }

    /// Says that it is about to end, and how long to stay away.
    static func draining(retryDelay: Duration) throws -> GRPCStatus {
        let retry = Google_Rpc_RetryInfo.with { $0.retryDelay = .init(rounding: retryDelay) }
        var status = Google_Rpc_Status()
        status.details = [
            try Google_Protobuf_Any(
                message: Google_Rpc_ErrorInfo.with { $0.reason = "SERVER_DRAINING" }),
            try Google_Protobuf_Any(message: retry),
        ]
        return GRPCStatus(
            .unavailable, "The server is ending.", details: try status.serializedBytes())
    }
}
