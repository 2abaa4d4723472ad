import JobsAPI
import SwiftProtobuf
import Testing
import Transport

@testable import Client

/// What the verbs that start, await and stop jobs make of an outage.
///
/// The goal is that nothing happens twice and no answer is invented; the method is a script that
/// cuts before or instead of its answer, and a record of what it was asked.
@Suite(.timeLimit(.minutes(10))) struct OutageTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer()
    }

    private static func ended(_ id: String, code: Int32) -> Cmdctl_V1_Job {
        .with {
            $0.id = id
            $0.state = .exited
            $0.outcome = code == 0 ? .succeeded : .failed
            $0.exitCode = code
        }
    }

    // MARK: run

    @Test(arguments: [true, false])
    func `a start that was cut is asked for again, as the same`(follows: Bool) throws {
        var asked: [String] = []
        server.answers["StartJob"] = { [unowned server] bytes, call in
            asked.append(try Cmdctl_V1_StartJobRequest(serializedBytes: bytes).requestID)
            if asked.count < 3 { return server.cut() }
            call.reply(with: Cmdctl_V1_StartJobResponse.with { $0.job.id = "j" })
        }
        server.answer(
            "GetOutput",
            with: Cmdctl_V1_GetOutputResponse.with { $0.end.job = Self.ended("j", code: 3) })
        let finished = try follows ? server.run("run", "--follow", "x") : server.run("run", "x")
        #expect(finished.status.code == (follows ? 3 : 0), "\(finished)")
        #expect(finished.output == (follows ? "" : "j\n"))
        #expect(asked.count == 3)
        #expect(Set(asked).count == 1)
        let pattern = #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#
        #expect(asked[0].wholeMatch(of: pattern) != nil, "\(asked)")
    }

    private static let mine = "01890000-0000-7000-8000-000000000001"

    /// The server was killed when it had the job on record, and not yet its process.
    @Test(arguments: [true, false])
    func `a start that came to nothing with the server is made anew, but not under the user's id`(
        isIDOurs: Bool
    ) throws {
        var asked: [String] = []
        let failed = try Self.startFailed(stage: "supervisor")
        server.answers["StartJob"] = { [unowned server] bytes, call in
            asked.append(try Cmdctl_V1_StartJobRequest(serializedBytes: bytes).requestID)
            switch asked.count {
            case 1: server.cut()
            case 2: call.finish(failed)
            default: call.reply(with: Cmdctl_V1_StartJobResponse.with { $0.job.id = "j" })
            }
        }
        guard isIDOurs else {
            #expect(try server.run("run", "--request-id", Self.mine, "x").status == .ownFailure)
            #expect(asked == [Self.mine, Self.mine])
            return
        }
        let finished = try server.run("run", "x")
        #expect(finished.output == "j\n", "\(finished)")
        #expect(asked.count == 3)
        #expect(asked[0] == asked[1] && asked[1] != asked[2])
    }

    /// An answer to the first request is the server's own word; and what failed later may have run.
    @Test(arguments: [(cuts: 0, stage: "supervisor"), (cuts: 1, stage: "execute")])
    func `a start that failed by itself is not made anew`(cuts: Int, stage: String) throws {
        var asked = 0
        let failed = try Self.startFailed(stage: stage)
        server.answers["StartJob"] = { [unowned server] _, call in
            asked += 1
            if asked <= cuts { server.cut() } else { call.finish(failed) }
        }
        #expect(try server.run("run", "x").status == .ownFailure)
        #expect(asked == cuts + 1)
    }

    private static func startFailed(stage: String) throws -> GRPCStatus {
        let info = Google_Rpc_ErrorInfo.with {
            $0.reason = "START_FAILED"
            $0.metadata = ["stage": stage]
        }
        var status = Google_Rpc_Status()
        status.details = [try Google_Protobuf_Any(message: info)]
        return GRPCStatus(
            .failedPrecondition, "It did not start.", details: try status.serializedBytes())
    }

    @Test func `each run is a request of its own, unless the user says which it is`() throws {
        var asked: [String] = []
        server.answers["StartJob"] = { bytes, call in
            asked.append(try Cmdctl_V1_StartJobRequest(serializedBytes: bytes).requestID)
            call.reply(with: Cmdctl_V1_StartJobResponse())
        }
        for _ in 0..<2 { _ = try server.run("run", "x") }
        _ = try server.run("run", "--request-id", Self.mine, "x")
        #expect(Set(asked).count == 3)
        #expect(asked.last == Self.mine)
    }

    @Test func `a server that ends is told to who does not stay, and waited out by who does`()
        throws
    {
        let draining = try ResumeTests.draining(retryDelay: .milliseconds(1))
        var asked = 0
        server.answers["StartJob"] = { _, call in
            asked += 1
            if asked < 3 { return call.finish(draining) }
            call.reply(with: Cmdctl_V1_StartJobResponse.with { $0.job.id = "j" })
        }
        server.answer(
            "GetOutput",
            with: Cmdctl_V1_GetOutputResponse.with { $0.end.job = Self.ended("j", code: 0) })
        let short = try server.run("run", "x")
        #expect(short.status == .ownFailure)
        #expect(short.talk == "cmdctl: The server is ending.\n")
        #expect(try server.run("run", "--follow", "x").status == .success)
        #expect(asked == 3)
    }

    // MARK: wait

    @Test func `wait asks again only for those that have not ended, and by id`() throws {
        var isSettled = false
        server.answers["GetJob"] = { bytes, call in
            let selector = try Cmdctl_V1_GetJobRequest(serializedBytes: bytes).job
            let name = selector.replacing("id-", with: "")
            call.reply(
                with: Cmdctl_V1_GetJobResponse.with {
                    $0.job = isSettled ? Self.ended("id-\(name)", code: 0) : .init()
                    $0.job.id = "id-\(name)"
                })
        }
        var asked: [String] = []
        server.answers["WaitJob"] = { [unowned server] bytes, call in
            let job = try Cmdctl_V1_WaitJobRequest(serializedBytes: bytes).job
            asked.append(job)
            if job == "id-a" {
                return call.reply(
                    with: Cmdctl_V1_WaitJobResponse.with { $0.job = Self.ended(job, code: 0) })
            }
            // Down with it; next time b is still running, the third time it has ended.
            isSettled = asked.count > 2
            server.cut()
        }
        let finished = try server.run("wait", "a", "b", "-o", "name")
        #expect(finished.status == .success, "\(finished)")
        #expect(finished.output == "id-a\nid-b\n")
        #expect(asked == ["id-a", "id-b", "id-b"])
        #expect(finished.talk.split(separator: "\n").count == 4, "\(finished)")
    }

    @Test func `the time of a wait goes on while the server is away`() throws {
        server.answers["WaitJob"] = { [unowned server] _, _ in server.restart(after: nil) }
        let finished = try server.run("wait", "--timeout", "400ms", "j")
        #expect(finished.status == .timedOut)
        #expect(finished.talk.contains("job j has not ended within 400ms"), "\(finished)")
    }

    // MARK: stop

    /// How the job is found after the cut, and what it is asked then.
    @Test(arguments: [
        (Cmdctl_V1_JobState.running, ["StopJob", "StopJob"]),
        (.stopping, ["StopJob", "WaitJob"]),
        (.exited, ["StopJob"]),
    ])
    func `a job that is stopping already is not asked to stop once more`(
        state: Cmdctl_V1_JobState, expected: [String]
    ) throws {
        var asked: [String] = []
        server.answers["GetJob"] = { _, call in
            call.reply(
                with: Cmdctl_V1_GetJobResponse.with {
                    $0.job = Self.ended("j", code: 0)
                    $0.job.state = asked.isEmpty ? .running : state
                })
        }
        server.answers["StopJob"] = { [unowned server] _, call in
            asked.append("StopJob")
            if asked.count == 1 { return server.cut() }
            call.reply(with: Cmdctl_V1_StopJobResponse.with { $0.job = Self.ended("j", code: 0) })
        }
        server.answers["WaitJob"] = { _, call in
            asked.append("WaitJob")
            call.reply(with: Cmdctl_V1_WaitJobResponse.with { $0.job = Self.ended("j", code: 0) })
        }
        let finished = try server.run("stop", "j")
        #expect(finished.status == .success, "\(finished)")
        #expect(asked == expected)
    }

    // MARK: The others

    @Test(arguments: ["get-status", "kill", "rm"])
    func `a short question is asked once`(verb: String) throws {
        for method in ["GetJob", "SignalJob", "DeleteJob"] {
            server.answers[method] = { [unowned server] _, _ in server.cut() }
        }
        let finished = try server.run(verb, "j")
        #expect(finished.status == .ownFailure)
        #expect(server.connections.count == 1)
        #expect(finished.talk.contains("is lost"), "\(finished)")
    }
}
