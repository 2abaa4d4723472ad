import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Client

/// Whole runs of cmdctl against a server that does as it is told.
///
/// The goal is what no single part can show: what is printed where, what the process exits with, and
/// that it never waits where it should not. Everything but the server is the real thing.
@Suite(.timeLimit(.minutes(10))) struct ProgramTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer()
    }

    private func output(_ text: String, at offset: UInt64 = 0) -> Cmdctl_V1_GetOutputResponse {
        .with {
            $0.offset = offset
            $0.data.append(contentsOf: Array(text.utf8))
            $0.runs = [
                .with {
                    $0.length = UInt32(text.utf8.count); $0.stream = .stdout
                }
            ]
        }
    }

    @Test func `run prints the id and nothing else`() throws {
        server.answers["StartJob"] = { bytes, call in
            let request = try Cmdctl_V1_StartJobRequest(serializedBytes: bytes)
            var response = Cmdctl_V1_StartJobResponse()
            response.job.id = request.spec.command.argv.program
            call.send(GRPCMessage(try response.serializedBytes()))
            call.finish(.ok)
        }
        let finished = try server.run("run", "ls", "-la")
        #expect(finished.status == .success)
        #expect(finished.output == "ls\n")
        #expect(finished.talk.isEmpty)
    }

    @Test func `run --follow streams and exits as the job does`() throws {
        server.answer("StartJob", with: Cmdctl_V1_StartJobResponse.with { $0.job.id = "j" })
        let messages = [
            output("one\n"), output("two\n", at: 4),
            Cmdctl_V1_GetOutputResponse.with { $0.end.job = SampleJobs.failed },
        ]
        server.answers["GetOutput"] = { bytes, call in
            #expect(try Cmdctl_V1_GetOutputRequest(serializedBytes: bytes).job == "j")
            for message in messages { call.send(GRPCMessage(try message.serializedBytes())) }
            call.finish(.ok)
        }
        let finished = try server.run("run", "--follow", "x")
        #expect(finished.status.code == 7)
        #expect(finished.output == "one\ntwo\n")
        let told = try server.run("get-output", "--verdict", "j")
        #expect(told.status == .success)
        #expect(told.talk.contains("has ended: failed (7)"))
    }

    @Test func `an error of the server is its sentence, or JSON`() throws {
        let status = try FailureTests.status(
            .notFound, "No job 'x'. List the jobs.", reason: "JOB_NOT_FOUND")
        server.answers["GetJob"] = { _, call in call.finish(status) }
        let finished = try server.run("get-status", "x")
        #expect(finished.status == .ownFailure)
        #expect(finished.output.isEmpty)
        #expect(finished.talk == "cmdctl: No job 'x'. List the jobs.\n")
        let json = try server.run("get-status", "x", "-o", "json")
        let value = try Google_Protobuf_Value(jsonString: json.talk)
        let error = value.structValue.fields["error"]?.structValue.fields
        #expect(error?["reason"]?.stringValue == "JOB_NOT_FOUND")
        #expect(error?["exitCode"]?.numberValue == 125)
    }

    @Test func `a wait that is too long exits with 124`() throws {
        server.answers["WaitJob"] = { _, _ in }
        let finished = try server.run("wait", "--timeout", "50ms", "j")
        #expect(finished.status == .timedOut)
        #expect(finished.talk.contains("job j has not ended within 50ms. It goes on"))
    }

    @Test func `a list goes from page to page`() throws {
        var asked: [Int32] = []
        server.answers["ListJobs"] = { bytes, call in
            let request = try Cmdctl_V1_ListJobsRequest(serializedBytes: bytes)
            asked.append(request.pageSize)
            let first = Int(request.pageToken) ?? 0
            let page = Cmdctl_V1_ListJobsResponse.with {
                $0.jobs = (first..<first + 2).map { number in .with { $0.id = "job-\(number)" } }
                $0.nextPageToken = first < 4 ? "\(first + 2)" : ""
            }
            call.send(GRPCMessage(try page.serializedBytes()))
            call.finish(.ok)
        }
        #expect(
            try server.run("list", "-q", "--limit", "0").output.split(separator: "\n").count == 6)
        asked = []
        let some = try server.run("list", "-q", "--limit", "3")
        #expect(some.output == "job-0\njob-1\njob-2\n")
        #expect(some.talk == "cmdctl: there are more than 3 such jobs; --limit 0 lists all\n")
        #expect(asked == [3, 3])
    }

    @Test func `a connection that is lost tells where to go on`() throws {
        let message = output("four")
        server.answers["GetOutput"] = { [unowned server] _, call in
            try call.send(message)
            server.cut()
        }
        let finished = try server.run("get-output", "--reconnect-timeout", "0", "j")
        #expect(finished.status == .ownFailure)
        #expect(finished.output == "four")
        #expect(finished.talk.contains("`cmdctl get-output --offset 4 j` goes on where this ended"))
    }

    @Test func `a refused certificate is said, and not tried again`() throws {
        #expect(try server.run("pki", "init", server.path("other")).status == .success)
        let eve = ["pki", "issue", "--dir", server.path("other"), "client", "eve"]
        #expect(server.program.run(eve) == .success)
        let finished = try server.run(
            "--cert", server.path("other/eve.pem"), "--key", server.path("other/eve.key"), "list")
        #expect(finished.status == .ownFailure)
        #expect(finished.talk.contains("refused your certificate (TLS alert: unknown CA)"))
        #expect(server.connections.count == 1)
    }

    @Test func `login stores what a connection was made with`() throws {
        server.answer(
            "GetServerInfo",
            with: Cmdctl_V1_GetServerInfoResponse.with { $0.caller.tenant = "alice" })
        let login = try server.run("auth", "login", "--name", "here")
        #expect(login.status == .success)
        #expect(login.talk.contains("knows you as alice"))
        #expect(try server.run("auth", "list", "-o", "name").output == "here\n")
        #expect(try server.run("auth", "use", "there").status == .ownFailure)
        let doctor = try server.run("doctor", "--context", "here")
        #expect(doctor.output.contains("knows you as alice"))
        #expect(doctor.status == .success)
    }
}

/// A job that writes for ever, to a reader that has stopped reading.
@Suite(.timeLimit(.minutes(10))) struct BackpressureTests {
    /// Always has one more message.
    private final class EndlessOutput: MessageSource {
        private(set) var messageCount = 0

        func next() -> NextMessage {
            let count = 65_536
            let message = Cmdctl_V1_GetOutputResponse.with {
                $0.offset = UInt64(messageCount * count)
                $0.data.append(contentsOf: [UInt8](repeating: 7, count: count))
            }
            messageCount += 1
            // An encoding that fails would show as an endless stream of empty messages.
            return .message(GRPCMessage((try? message.serializedBytes()) ?? []))
        }
    }

    @Test func `it holds the server back, and ends quietly when the reader leaves`() throws {
        let server = try ScriptedServer()
        let source = EndlessOutput()
        server.answers["GetOutput"] = { _, call in call.stream(from: source) }
        var counts: [Int] = []
        func look() {
            counts.append(source.messageCount)
            // As many as a moment ago: everything between the two ends is full.
            let isStalled = counts.count > 2 && counts.suffix(2).first == counts.last
            if isStalled, source.messageCount > 0 {
                server.streams.closeReader(of: .standardOutput)
            } else {
                server.streams.reactor.schedule(after: .milliseconds(100), look)
            }
        }
        look()
        #expect(server.program.run(["get-output", "j"]) == .success)
        // Two windows of 4 MiB, the buffers of both ends and of the kernel.
        #expect(source.messageCount * 65_536 < 32 << 20)
        #expect(try server.streams.taken(from: .standardError).isEmpty)
    }
}
