import Jobs
import JobsAPI
import Reactor
import Simulator
import SwiftProtobuf
import Transport

/// One who follows a job's output to its end, across whatever happens, and remembers all of it.
final class Follower: GRPCResponseReceiver {
    /// A place where output was dropped before it took an offset, and how much.
    struct Drop: Hashable {
        let offset: UInt64
        let count: UInt64
    }

    private let world: World
    private let caller: Caller
    let job: String
    private var call: GRPCClientCall?
    private var hasEnd = false
    private var callsAgainAtOnce = false

    /// Since when it has had no reason to wait; nil while it has one.
    private(set) var followsSince: Instant?
    private(set) var bytes: [UInt8] = []
    /// Of each byte, whether standard error wrote it.
    private(set) var isError: [Bool] = []
    private(set) var drops: [Drop] = []
    /// What was given up before it came; zeros stand for it.
    private(set) var gone: [Range<Int>] = []
    private(set) var problems: [String] = []
    /// How it ended, once the whole output was there.
    private(set) var end: Cmdctl_V1_Job?
    private(set) var isDone = false

    /// Whether the job keeps its newest output only.
    private let mayLose: Bool

    init(_ job: String, in world: World, mayLose: Bool) {
        self.job = job
        self.mayLose = mayLose
        self.world = world
        caller = Caller(world)
    }

    func begin() {
        followsSince = world.now
        call = caller.call(
            "GetOutput",
            Cmdctl_V1_GetOutputRequest.with {
                $0.job = job
                $0.offset = UInt64(bytes.count)
            }, receiver: self)
    }

    /// Hangs up, and goes on where it is.
    func callAgain() {
        callsAgainAtOnce = call != nil
        call?.cancel()
    }

    func receivedHeaders(_ metadata: GRPCMetadata) {}

    func received(_ message: [UInt8]) {
        call?.consumed(message.count)
        guard let message = try? Cmdctl_V1_GetOutputResponse(serializedBytes: message) else {
            return problems.append("a message that cannot be read")
        }
        if message.offset != UInt64(bytes.count) {
            problems.append("offset \(message.offset) where \(bytes.count) was expected")
        }
        if hasEnd { problems.append("something after the end") }
        if message.hasGap { take(message.gap, at: message.offset) }
        take([UInt8](message.data), message.runs)
        guard message.hasEnd else { return }
        hasEnd = true
        end = message.end.job
        world.observe(message.end.job)
    }

    private func take(_ gap: Cmdctl_V1_OutputGap, at offset: UInt64) {
        if gap.length > 0 {
            guard mayLose, gap.reason == .truncated else {
                return problems.append("\(gap.length) bytes from \(offset) on are gone")
            }
            gone.append(bytes.count..<bytes.count + Int(gap.length))
            bytes += [UInt8](repeating: 0, count: Int(gap.length))
            isError += [Bool](repeating: false, count: Int(gap.length))
            return
        }
        drops.append(Drop(offset: offset, count: gap.droppedBytes))
    }

    private func take(_ data: [UInt8], _ runs: [Cmdctl_V1_OutputRun]) {
        guard !data.isEmpty else { return }
        bytes += data
        isError += runs.flatMap { [Bool](repeating: $0.stream == .stderr, count: Int($0.length)) }
        if isError.count != bytes.count { problems.append("runs that do not cover their bytes") }
    }

    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) {
        world.machine.note("GetOutput of \(job) at \(bytes.count): \(status)")
        call = nil
        followsSince = nil
        if status == .ok || !status.isWorthAnotherTry || hasEnd {
            if !hasEnd { problems.append("it ended with \(status)") }
            isDone = true
            return caller.leave()
        }
        // What was dropped right here is told again.
        drops.removeAll { $0.offset == UInt64(bytes.count) }
        caller.leave()
        guard !callsAgainAtOnce else {
            callsAgainAtOnce = false
            return begin()
        }
        world.afterPause { [self] in begin() }
    }
}

/// One who starts a job, and then lets others follow it, wait for it and stop it.
final class Starter {
    private let world: World
    private let number: Int
    private let caller: Caller
    let story: Scenario.Story
    private(set) var id: String?
    private(set) var refusal: GRPCStatus?
    private(set) var followers: [Follower] = []
    private(set) var waited: Cmdctl_V1_Job?
    private(set) var stopAnswer: Result<Cmdctl_V1_Job, GRPCStatus>?

    init(_ number: Int, in world: World) {
        self.number = number
        self.world = world
        story = world.scenario.stories[number]
        caller = Caller(world)
    }

    /// The same for all tries: they are to start one job.
    var request: Cmdctl_V1_StartJobRequest {
        .with {
            $0.spec.command.argv.program = story.script.exists ? World.jobPath : "/missing"
            $0.spec.command.argv.arguments = ["\(number)"]
            $0.spec.mergeOutput = story.isMerged
            if let action = story.logFull { $0.spec.logLimit = Self.limit(action) }
            if let timeout = story.timeout { $0.spec.timeout = .init(rounding: timeout) }
            $0.requestID = "00000000-0000-4000-8000-00000000000\(number)"
        }
    }

    /// The least that can be asked for.
    private static func limit(_ action: LogLimit.FullAction) -> Cmdctl_V1_LogLimit {
        .with {
            $0.maxBytes = LogLimit.bytesMin
            $0.whenFull =
                switch action {
                case .keepNewest: .keepNewest
                case .dropNewest: .dropNewest
                case .stopJob: .stopJob
                }
        }
    }

    func begin() {
        Question("StartJob", request, by: caller, in: world, then: answered)
            // A start that failed for want of space has failed for good.
            .ask(triesWhenExhausted: 5)
    }

    private func answered(_ result: Result<Cmdctl_V1_StartJobResponse, GRPCStatus>) {
        switch result {
        case .success(let response): started(response.job)
        case .failure(let status):
            refusal = status
            caller.leave()
        }
    }

    private func started(_ job: Cmdctl_V1_Job) {
        id = job.id
        world.observe(job)
        if job.state == .queued { world.tally("started", at: "after others") }
        let mayLose = story.logFull == .keepNewest
        followers = story.followers.map { _ in Follower(job.id, in: world, mayLose: mayLose) }
        for (follower, delay) in zip(followers, story.followers) {
            world.users.reactor.schedule(after: delay) { follower.begin() }
        }
        if story.waits { wait(job.id) }
        guard let stop = story.stop else { return }
        world.users.reactor.schedule(after: stop.after) { [self] in self.stop(job.id, stop) }
    }

    /// One more follows it from now on, if anybody knows of the job yet.
    func addFollower() {
        guard let id else { return }
        let follower = Follower(id, in: world, mayLose: story.logFull == .keepNewest)
        followers.append(follower)
        follower.begin()
    }

    /// One who follows it calls again.
    func callAgain() {
        world.machine.draw { followers.randomElement(using: &$0) }?.callAgain()
    }

    private func wait(_ id: String) {
        let request = Cmdctl_V1_WaitJobRequest.with { $0.job = id }
        ask("WaitJob", request) { [self] (result: Result<Cmdctl_V1_WaitJobResponse, GRPCStatus>) in
            waited = try? result.get().job
            waited.map(world.observe)
        }
    }

    private func stop(_ id: String, _ stop: Scenario.Stop) {
        let request = Cmdctl_V1_StopJobRequest.with {
            $0.job = id
            $0.gracePeriod = .init(rounding: stop.grace)
        }
        ask("StopJob", request) { [self] (result: Result<Cmdctl_V1_StopJobResponse, GRPCStatus>) in
            stopAnswer = result.map(\.job)
            if case .success(let job)? = stopAnswer { world.observe(job) }
        }
    }

    private func ask<Answer: SwiftProtobuf.Message>(
        _ method: String, _ request: any SwiftProtobuf.Message,
        then: @escaping (Result<Answer, GRPCStatus>) -> Void
    ) {
        Question(method, request, by: caller, in: world, then: then).ask()
    }

    func leave() {
        caller.leave()
    }

    /// Whether everybody has got what they came for.
    var isDone: Bool {
        if refusal != nil { return true }
        return id != nil && followers.allSatisfy(\.isDone) && (!story.waits || waited != nil)
            && (story.stop == nil || stopAnswer != nil)
    }
}
