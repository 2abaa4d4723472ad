import JobsAPI
import Jobs
import Reactor
import ShimCore
import Simulator
import Transport

@testable import Server

/// One run: a machine with a daemon, its jobs and its users, all from one seed.
final class World {
    static let jobPath = "/job"
    private static let shimPath = "/cmdctl-shim"
    private static let address = "127.0.0.1:9090"

    let seed: UInt64
    let scenario: Scenario
    let machine: SimulatedMachine
    let store = DurableStore()
    let users: SimulatedLoop
    let userResources: ConnectionResources
    let endpoint: Endpoint
    let configuration: Configuration
    private(set) lazy var lives = DaemonLives(self)
    private(set) lazy var starters = scenario.stories.indices.map { Starter($0, in: self) }
    /// What each job has written.
    var outputs: [JobOutput]
    /// The processes that were started for each job.
    private(set) var leaders: [[Int32]]
    private(set) var shims: [Int32] = []
    /// When what kept output from its followers is over.
    private(set) var troubleEnds = Instant.distantPast
    /// Whether nothing goes wrong any more.
    private(set) var isQuiet = false
    private(set) var problems: [String] = []
    /// What was seen, and how often.
    private(set) var tallies: [String: Int] = [:]
    /// The verdict on each job, as it was first told.
    private var verdicts: [String: Verdict] = [:]

    init(seed: UInt64) throws {
        self.seed = seed
        scenario = Scenario(seed: seed, places: StopPoint.allCases.map(\.rawValue))
        machine = SimulatedMachine(seed: seed, faults: scenario.faults)
        users = machine.startProgram("users")
        var limits = TransportLimits()
        limits.sendBufferBytes = 32 << 10
        limits.receiveBufferBytes = 16 << 10
        userResources = ConnectionResources(reactor: users.reactor, limits: limits)
        endpoint = try Endpoint(Self.address)
        var flags: [Setting: String] = [
            .stateDirectory: "/state", .listen: Self.address, .certificate: "none", .key: "none",
            .clientCA: "none", .shim: Self.shimPath, .logLevel: "info",
            // A daemon that waits for a month would never be at rest.
            .retainAge: "all",
        ]
        flags[.runningMax] = scenario.runningMax.map(String.init)
        configuration = try Configuration(flags: flags)
        outputs = scenario.stories.indices.map { JobOutput(seed: seed &* 31 &+ UInt64($0)) }
        leaders = scenario.stories.map { _ in [] }
        install()
    }

    var now: Instant { machine.kernel.monotonicNow }

    private func install() {
        machine.installParticipant(Self.shimPath) { [unowned self] process in
            shims.append(process.pid)
            return SimulatedShim(process, on: machine)
        }
        machine.installParticipant(Self.jobPath) { [unowned self] process in
            let number = Int(process.spawn.arguments.last ?? "") ?? 0
            began(process, number)
            return ScriptedJob(
                process, playing: scenario.stories[number].script.steps, of: number, in: self)
        }
    }

    private func began(_ process: SimulatedProcess, _ number: Int) {
        checkCrowd(beside: number)
        leaders[number].append(process.pid)
        let prefix = "CMDCTL_JOB_ID="
        let id = process.spawn.environment.first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
        let isOnRecord = store.contents.jobs.contains { $0.id.description == id.map(String.init) }
        if !isOnRecord { complain("job \(number) runs and is not on record") }
    }

    /// Somebody turns to the output of a job.
    func attract(_ attention: JobScript.Attention, to job: Int) {
        users.reactor.schedule(after: .zero) { [self] in
            switch attention {
            case .newFollower: starters[job].addFollower()
            case .sameFollower: starters[job].callAgain()
            }
        }
    }

    /// No more jobs run than may; what a killed shim has left may, for a moment.
    private func checkCrowd(beside number: Int) {
        guard let most = scenario.runningMax else { return }
        let isKilled = shims.contains { machine.status(of: $0) == .signaled(number: 9) }
        let others = leaders.indices.filter { other in
            other != number && leaders[other].contains { machine.status(of: $0) == nil }
        }
        if !isKilled, others.count >= most {
            complain("job \(number) runs beside \(others), and \(most) may run")
        }
    }

    /// What a job's stream is in its output: one, or the other, or all in one.
    func stream(_ stream: Int, of job: Int) -> Int {
        scenario.stories[job].isMerged ? 0 : stream - 1
    }

    // MARK: Observations

    /// Notes that something was seen.
    func tally(_ what: String, at place: String) {
        tallies["\(what): \(place)", default: 0] += 1
    }

    func complain(_ problem: String) {
        // What goes on being wrong is said once.
        guard !problems.contains(problem) else { return }
        machine.note("WRONG: \(problem)")
        problems.append(problem)
    }

    /// Takes what somebody was told of a job: once it has ended, nobody may hear otherwise.
    func observe(_ job: Cmdctl_V1_Job) {
        guard job.state == .exited else { return }
        let verdict = Verdict(job)
        if let first = verdicts[job.id], first != verdict {
            complain("job \(job.id) was \(first) and is \(verdict)")
        }
        verdicts[job.id] = verdict
    }

    // MARK: The run

    /// Lets somebody try again after a while.
    func afterPause(_ action: @escaping () -> Void) {
        let pause = machine.draw { Duration.microseconds(Int.random(in: 500...30_000, using: &$0)) }
        users.reactor.schedule(after: pause, action)
    }

    /// Lets everything happen, and then looks at what has come of it.
    func run() throws {
        machine.keepTrace()
        machine.add(lives)
        for (starter, story) in zip(starters, scenario.stories) {
            users.reactor.schedule(after: story.startsAt) { starter.begin() }
        }
        for incident in scenario.incidents {
            users.reactor.schedule(after: incident.at) { [self] in happen(incident.what) }
        }
        if let full = scenario.fullDisk { fillDisk(full) }
        let stopwatch = Stopwatch(self)
        try stopwatch.advance(by: Scenario.quietAfter)
        calm()
        try settle()
        try Verification(self).run()
    }

    /// Lets go of everything that waits for something.
    func dismantle() {
        lives.loop?.reactor.dismantle()
        users.reactor.dismantle()
        starters = []
        machine.dismantle()
    }

    /// Something happens that may keep output from its followers for a while.
    func trouble(lasting duration: Duration = .zero) {
        troubleEnds = max(troubleEnds, now + duration)
    }

    private func happen(_ incident: Scenario.Incident) {
        let daemon = lives.loop?.pid
        if case .stall(let duration) = incident { trouble(lasting: duration) } else { trouble() }
        switch incident {
        case .cut: daemon.map { machine.cutConnection(of: $0) }
        case .stall(let time): daemon.map { machine.stallConnection(of: $0, for: time) }
        case .killShim: livingShim.map { machine.kill($0) }
        case .killShimInCall(let number): livingShim.map { machine.kill($0, inCall: number) }
        }
    }

    private var livingShim: Int32? {
        let living = machine.processes(of: Self.shimPath)
        return machine.draw { living.randomElement(using: &$0) }
    }

    private func fillDisk(_ full: (from: Duration, to: Duration)) {
        let reactor = users.reactor
        reactor.schedule(after: full.from) { [self] in machine.fillDisk() }
        reactor.schedule(after: full.to) { [self] in machine.faults.diskBytesMax = .max }
    }

    /// From now on nothing goes wrong.
    private func calm() {
        var faults = FaultPlan.none
        faults.streamBytesMax = machine.faults.streamBytesMax
        faults.shuffles = machine.faults.shuffles
        machine.faults = faults
        machine.note("all is calm")
        isQuiet = true
        // A life that is to end at some later step would not be calm.
        lives.loop?.spare()
    }

    /// Lets everybody get what they came for; a minute is far more than that takes.
    private func settle() throws {
        let end = now + .seconds(60)
        while now < end,
            !starters.allSatisfy(\.isDone) || !machine.processes(of: Self.jobPath).isEmpty
                // One that found the disk full tries once a second to write how its job ended.
                || !machine.processes(of: Self.shimPath).isEmpty
                // And so does a daemon that would start one that waits.
                || store.contents.jobs.contains(where: { $0.queueing == .waiting && $0.end == nil })
        {
            try machine.advance(by: .milliseconds(100))
        }
        try machine.advance(by: .milliseconds(100))
        for (number, starter) in starters.enumerated() where !starter.isDone {
            complain("somebody still waits for job \(number)")
        }
    }
}

/// How a job ended, as users are told.
struct Verdict: Hashable {
    let outcome: Cmdctl_V1_JobOutcome
    let exitCode: Int32?
    let signal: Int32?

    init(_ job: Cmdctl_V1_Job) {
        outcome = job.outcome
        exitCode = job.hasExitCode ? job.exitCode : nil
        signal = job.hasSignal ? job.signal : nil
    }
}
