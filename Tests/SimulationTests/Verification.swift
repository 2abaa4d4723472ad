import Jobs
import JobsAPI
import Reactor
import Simulator
import SwiftProtobuf
import Transport

@testable import Server

/// What must be true once everything has settled.
struct Verification {
    private let world: World

    init(_ world: World) {
        self.world = world
    }

    func run() throws {
        for (number, starter) in world.starters.enumerated() {
            try check(number, starter)
            starter.leave()
        }
        try Aftermath(world).run()
        try world.machine.advance(by: .seconds(60))
        checkRest()
    }

    // MARK: One job

    private func check(_ number: Int, _ starter: Starter) throws {
        let leaders = world.leaders[number]
        if leaders.count > 1 { complain(number, "was started \(leaders.count) times") }
        guard let id = starter.id else {
            // Who is told that it did not start must not find that it ran.
            check(neverRan: number)
            return
        }
        let job = try lookUntilEnded(id, number)
        if job.state != .exited { return complain(number, "is \(job.state)") }
        world.tally("ended", at: "\(job.outcome)")
        check(verdict: Verdict(job), of: number)
        check(time: job, of: number)
        let mayLose = starter.story.logFull == .keepNewest
        let whole = try followAgain(id, mayLose)
        for follower in starter.followers + [whole] { check(follower, against: whole, number) }
        // A command whose start could not be put on record is ended again, and may have spoken.
        let mayBeCut = job.outcome == .lost || job.outcome == .startFailed
        check(output: whole, of: number, mayBeCut: mayBeCut)
    }

    /// A job that waited may have found the disk full, and tries once a second.
    private func lookUntilEnded(_ id: String, _ number: Int) throws -> Cmdctl_V1_Job {
        for _ in 0..<10 {
            let job = try look(id, number)
            if job.state == .exited { return job }
        }
        return try look(id, number)
    }

    private func look(_ id: String, _ number: Int) throws -> Cmdctl_V1_Job {
        var found: Cmdctl_V1_Job?
        let caller = Caller(world)
        let request = Cmdctl_V1_GetJobRequest.with { $0.job = id }
        Question("GetJob", request, by: caller, in: world) {
            [self] (result: Result<Cmdctl_V1_GetJobResponse, GRPCStatus>) in
            switch result {
            case .success(let response): found = response.job
            case .failure(let status): complain(number, "cannot be found: \(status)")
            }
            caller.leave()
        }.ask()
        try world.machine.advance(by: .seconds(1))
        guard let found else { return Cmdctl_V1_Job() }
        world.observe(found)
        return found
    }

    /// What one sees who comes when all is over.
    private func followAgain(_ id: String, _ mayLose: Bool) throws -> Follower {
        let follower = Follower(id, in: world, mayLose: mayLose)
        follower.begin()
        try world.machine.advance(by: .seconds(1))
        return follower
    }

    private func check(_ follower: Follower, against whole: Follower, _ number: Int) {
        for problem in follower.problems { complain(number, "a follower met \(problem)") }
        if follower.end == nil { complain(number, "a follower saw no end") }
        if follower.gone.isEmpty && whole.gone.isEmpty
            ? follower.bytes != whole.bytes || follower.isError != whole.isError
            : !Self.agree(follower, world.outputs[number], hasDrops: Self.hasDrops(whole))
                || follower.bytes.count != whole.bytes.count
        {
            complain(
                number,
                "a follower got \(follower.bytes.count) bytes, which are not the "
                    + "\(whole.bytes.count) of the log")
        }
        // What was dropped before the head is not told any more to who comes late.
        if whole.gone.isEmpty && follower.drops != whole.drops {
            complain(number, "a follower was told of gaps \(follower.drops), not \(whole.drops)")
        }
    }

    /// Where output was dropped may have been given up with what stood before it; the end counts all,
    /// but a lost job has none.
    private static func hasDrops(_ whole: Follower) -> Bool {
        !whole.drops.isEmpty || whole.end?.outcome == .lost
            || whole.end?.statusMessage.contains("could not be written") == true
    }

    /// Whether what came has its place, where some of it was given up before: only a merged job is so
    /// loud, so the place of a byte is its place in what the job wrote.
    private static func agree(
        _ follower: Follower, _ output: JobOutput, hasDrops: Bool
    ) -> Bool {
        // Where the disk has taken something, too, the places are not known.
        guard !hasDrops, follower.drops.isEmpty else { return true }
        let written = output.bytes(of: 0)
        var rest = 0
        for range in follower.gone + [follower.bytes.count..<follower.bytes.count] {
            let part = rest..<range.lowerBound
            guard part.upperBound <= written.count,
                follower.bytes[part] == written[part]
            else { return false }
            rest = range.upperBound
        }
        return true
    }

    /// What the log holds is what the job wrote, but for what is said to be missing.
    private func check(output: Follower, of number: Int, mayBeCut: Bool) {
        // What has its place was compared with what was written.
        guard output.gone.isEmpty else { return }
        let written = world.outputs[number]
        let streams = world.scenario.stories[number].isMerged ? [0] : [0, 1]
        for stream in streams {
            let expected = written.bytes(of: stream)
            let kept = zip(output.bytes, output.isError).filter { $0.1 == (stream == 1) }.map(\.0)
            let isRight =
                mayBeCut || !output.drops.isEmpty
                ? Self.matches(kept, expected, output.drops, isCut: mayBeCut) : kept == expected
            if !isRight {
                complain(
                    number,
                    "wrote \(expected.count) bytes to stream \(stream), and its log has "
                        + "\(kept.count) of it, with \(output.drops.count) gaps")
            }
        }
    }

    /// Whether these bytes are the written ones without those that were dropped; a log that was
    /// cut short may lack what came last.
    private static func matches(
        _ kept: [UInt8], _ written: [UInt8], _ drops: [Follower.Drop], isCut: Bool
    ) -> Bool {
        var rest = written[...]
        var position = 0
        for drop in drops {
            let part = kept[position..<min(max(position, Int(drop.offset)), kept.count)]
            guard rest.starts(with: part) else { return false }
            rest = rest.dropFirst(part.count + Int(drop.count))
            position += part.count
        }
        let last = kept[position...]
        return isCut ? rest.starts(with: last) : rest.elementsEqual(last)
    }

    /// The verdict is what became of the process, or that nobody can know.
    private func check(verdict: Verdict, of number: Int) {
        let leader = world.leaders[number].first
        switch verdict.outcome {
        case .startFailed:
            check(neverRan: number)
        case .stopped where verdict.exitCode == nil && verdict.signal == nil:
            world.tally("ended", at: "stopped while it waited")
            if leader != nil { complain(number, "ran, and is said to have been stopped before") }
        case .lost:
            if !mayBeLost { complain(number, "is lost, and nothing was killed or unreadable") }
        default:
            guard let leader, let status = world.machine.status(of: leader) else {
                return complain(number, "is \(verdict) and never ran, or still runs")
            }
            let isTrue =
                switch status {
                case .exited(let code): verdict.exitCode == code && verdict.signal == nil
                case .signaled(let signal): verdict.signal == signal && verdict.exitCode == nil
                }
            if !isTrue { complain(number, "is said to be \(verdict) and was \(status)") }
        }
    }

    /// No job runs for longer than it may, but for what a stop takes: its grace, and the time to put
    /// it on record; and none is cut short.
    private func check(time job: Cmdctl_V1_Job, of number: Int) {
        let isOver = job.outcome == .timedOut
        guard let timeout = world.scenario.stories[number].timeout else {
            if isOver { complain(number, "had no time limit, and is timed out") }
            return
        }
        guard job.hasStartTime, job.hasEndTime, job.outcome != .lost else { return }
        let ran = Duration(job.endTime) - Duration(job.startTime)
        if isOver && ran < timeout { complain(number, "is timed out after \(ran)") }
        if ran > timeout + JobLimits().timeoutGrace + stopPatience {
            complain(number, "ran for \(ran), and had \(timeout)")
        }
    }

    /// Nobody may be there to stop it, and the storage may hang.
    ///
    /// Where the storage fails, the next daemon does not know of the stop and begins it anew, once
    /// this one has ended in good order.
    private var stopPatience: Duration {
        let mayForget = world.scenario.fullDisk != nil || world.scenario.faults.commitFailures > 0
        return .seconds(3) + (mayForget ? Limits.drainDeadline : .zero)
    }

    /// Who is told that a job did not start must not find that it ran; but a shim that is killed, or
    /// cannot write, in the moment between the execution and its report has nobody to say so.
    private func check(neverRan number: Int) {
        let hasRun = !world.leaders[number].isEmpty
        if hasRun && world.scenario.faults.writeErrors == 0 && !wasShimKilled {
            complain(number, "ran, and is said to have never started")
        }
    }

    private var wasShimKilled: Bool {
        world.shims.contains { world.machine.status(of: $0) == .signaled(number: 9) }
    }

    private var mayBeLost: Bool {
        world.scenario.faults.writeErrors > 0 || world.scenario.fullDisk != nil
            || wasShimKilled
    }

    // MARK: What is left

    private func checkRest() {
        let programs = world.machine.livingPrograms
        if programs.sorted() != ["cmdctld", "users"] {
            world.complain("these run: \(programs.joined(separator: " "))")
        }
        let open = world.lives.loop?.openDescriptors ?? []
        let expected: Set = [
            "file /dev/null", "file /state/lock", "inotify", "listener 127.0.0.1:9090",
        ]
        for surplus in open where !expected.contains(surplus) {
            world.complain("the daemon has still open: \(surplus)")
        }
        if Set(open).count != open.count { world.complain("open more than once: \(open)") }
        if world.lives.loop?.nextDeadline != nil { world.complain("the daemon has a timer") }
        let userDescriptors = world.users.openDescriptors
        if !userDescriptors.isEmpty { world.complain("users have open: \(userDescriptors)") }
    }

    private func complain(_ number: Int, _ problem: String) {
        world.complain("job \(number) \(problem)")
    }
}

extension Duration {
    /// Since the epoch.
    fileprivate init(_ time: Google_Protobuf_Timestamp) {
        self = .seconds(time.seconds) + .nanoseconds(Int64(time.nanos))
    }
}
