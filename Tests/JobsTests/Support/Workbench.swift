import Glibc
import Jobs
import Logging
import Reactor
import Simulator
import Testing

/// A supervisor with real shims on the real machine, in a directory of its own.
final class Workbench {
    static let alice = Viewer(tenant: Tenant(name: "alice"), isAdmin: false)
    static let bob = Viewer(tenant: Tenant(name: "bob"), isAdmin: false)
    static let admin = Viewer(tenant: Tenant(name: "admin"), isAdmin: true)

    let directory: String
    /// What is on record, whoever writes it.
    private(set) var store = DurableStore()
    /// What can go wrong with that.
    let disk = SimulatedMachine(seed: 1)
    private(set) var reactor: Reactor
    /// Nil between two lives.
    private var life: JobSupervisor?
    private let shimPath: String
    /// What all tenants may have together, and each of them.
    var quota: (all: StartQuota, each: StartQuota)
    private var gate: Int32 = -1

    init(
        shimPath: String = Workbench.shimPath, quota: StartQuota = StartQuota(),
        quotaPerTenant: StartQuota = StartQuota()
    ) throws {
        self.shimPath = shimPath
        self.quota = (quota, quotaPerTenant)
        directory = try makeTemporaryDirectory()
        reactor = try Reactor(choosing: .auto)
        try beginLife()
    }

    deinit {
        life?.stopAll(grace: .zero) {}
        try? settle()
        reactor.dismantle()
        if gate >= 0 { close(gate) }
        try? removeTree(directory)
    }

    // MARK: Lives

    var supervisor: JobSupervisor {
        guard let life else { preconditionFailure("between two lives there is no supervisor") }
        return life
    }

    /// Lets a supervisor take over the directory.
    ///
    /// - Parameters:
    ///   - reached: Told of each step.
    ///   - meanwhile: What happens before it has taken over everything.
    /// - Throws: Why it cannot take over.
    func beginLife(
        reached: @escaping @Sendable (StopPoint) -> Void = { _ in },
        meanwhile: (JobSupervisor) throws -> Void = { _ in }
    ) throws {
        let supervisor = try takeOver(reached)
        life = supervisor
        var result: Result<Void, JobError>?
        supervisor.recover { result = $0 }
        try meanwhile(supervisor)
        try turn { result != nil }
        try result?.get()
    }

    /// A child that another test is just spawning has a copy of every descriptor until it executes
    /// its program, and so of the lock of a life that has ended.
    private func takeOver(
        _ reached: @escaping @Sendable (StopPoint) -> Void
    ) throws -> JobSupervisor {
        while true {
            let result = Result { () throws(JobError) in try makeSupervisor(reached) }
            guard case .failure(.stateDirectoryInUse) = result else { return try result.get() }
            reactor.schedule(after: .milliseconds(1)) {}
            try reactor.turn()
        }
    }

    /// A supervisor that has not taken over anything yet.
    func makeSupervisor(
        _ reached: @escaping @Sendable (StopPoint) -> Void = { _ in }
    ) throws(JobError) -> JobSupervisor {
        try JobSupervisor(
            reactor: reactor, stateDirectory: directory, shimPath: shimPath,
            records: SimulatedRecords(store, on: disk, reactor: reactor),
            quota: quota.all, quotaOf: { [weak self] _ in self?.quota.each ?? StartQuota() },
            logger: Logger(label: "jobs", factory: { _ in SwiftLogNoOpLogHandler() }),
            reached: reached)
    }

    /// Ends the supervisor as SIGKILL does: nothing of it happens any more.
    func endLife() throws {
        life = nil
        reactor.dismantle()
        reactor = try Reactor(choosing: .auto)
    }

    /// Ends one supervisor, and lets the next one take over.
    func restart() throws {
        try endLife()
        try beginLife()
    }

    /// Loses what is on record, as if somebody had removed the database.
    func loseRecords() {
        store = DurableStore()
    }

    /// `swift build --build-tests` puts the program beside the test bundle.
    static let shimPath: String = {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        let text = String(
            decoding: path.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text[..<(text.lastIndex(of: "/") ?? text.startIndex)] + "/cmdctl-shim"
    }()

    /// Turns the loop until `condition` holds; the time limit of the test bounds it.
    func turn(until condition: () -> Bool) throws {
        while !condition() { try reactor.turn() }
    }

    /// The answer to a start.
    func tryToStart(
        _ specification: JobSpecification, owner: Viewer = Workbench.alice,
        terms: StartTerms = StartTerms(), requestID: String? = nil
    ) throws -> Result<Job, JobError> {
        var answer: Result<Job, JobError>?
        supervisor.start(specification, owner: owner, terms: terms, requestID: requestID) {
            answer = $0
        }
        try turn { answer != nil }
        return try #require(answer)
    }

    /// A job that was just put on record, and is still starting.
    func beginToStart(
        _ specification: JobSpecification,
        then: @escaping (Result<Job, JobError>) -> Void = { _ in }
    ) throws -> Job {
        let newest = allJobs.first?.id
        supervisor.start(specification, owner: Workbench.alice, requestID: nil, then: then)
        try turn { allJobs.first?.id != newest }
        return try #require(allJobs.first)
    }

    /// A job that runs, or has run.
    func start(_ specification: JobSpecification) throws -> Job {
        try tryToStart(specification).get()
    }

    /// A job that runs a line of shell in a directory with a pipe named `gate`, which nobody has
    /// open for writing until ``openGate()``.
    func start(gated line: String) throws -> Job {
        mkfifo("\(directory)/gate", 0o600)
        return try start(
            JobSpecification(command: .shell(line), workingDirectory: directory))
    }

    /// Lets those go on who wait at the gate.
    func openGate() throws {
        // Opened for reading too, it does not wait for them; closed, it would forget the line.
        gate = open("\(directory)/gate", O_RDWR)
        try #require(write(gate, "\n", 1) == 1)
    }

    /// Waits until the shim of a job is gone, without anybody looking after it.
    func waitUntilUnlocked(_ job: Job) throws {
        let index = open("\(directory)/logs/\(job.id).idx", O_RDONLY | O_CLOEXEC)
        defer { close(index) }
        try #require(flock(index, LOCK_EX) == 0)
    }

    /// Waits until that is all that a job has written.
    func waitForOutput(_ text: String, of job: Job) throws {
        let output = followed(job)
        try turn { output.text == text }
        output.close()
    }

    /// The processes that say they are of a job.
    func processes(of job: Job) throws -> [Int32] {
        let kernel = reactor.kernel
        return try kernel.list("/proc").compactMap { Int32($0) }.filter { pid in
            let bytes = (try? kernel.contents(of: "/proc/\(pid)/environ", sizeMax: 1 << 20)) ?? []
            return bytes.split(separator: 0).contains(Array("CMDCTL_JOB_ID=\(job.id)".utf8)[...])
        }
    }

    /// A job that runs a line of shell.
    func start(shell line: String) throws -> Job {
        try start(JobSpecification(command: .shell(line)))
    }

    /// Waits for the end of a job.
    func waitForEnd(of job: Job) throws {
        var hasEnded = false
        supervisor.wait(job) { _ in hasEnded = true }
        try turn { hasEnded }
    }

    /// The answer to a stop.
    func stop(_ job: Job, signal: Int32 = SIGTERM, grace: Duration) throws -> Result<Job, JobError>
    {
        var answer: Result<Job, JobError>?
        supervisor.stop(job, signal: signal, grace: grace) { answer = $0 }
        try turn { answer != nil }
        return try #require(answer)
    }

    /// The answer to a signal.
    func signal(_ job: Job, _ number: Int32) throws -> Result<Job, JobError> {
        var answer: Result<Job, JobError>?
        supervisor.signal(job, number) { answer = $0 }
        try turn { answer != nil }
        return try #require(answer)
    }

    /// All that a follower has to say from `start` on.
    func output(of job: Job, from start: FollowStart = .beginning) throws -> FollowedOutput {
        let output = FollowedOutput(try supervisor.follow(job, from: start, untilEnd: true))
        try turn { output.hasEnded }
        return output
    }

    /// Follows a job to its end.
    func followed(_ job: Job) -> FollowedOutput {
        do {
            return FollowedOutput(try supervisor.follow(job, from: .beginning, untilEnd: true))
        } catch {
            preconditionFailure("the beginning is always in range: \(error)")
        }
    }

    /// The log as it lies on the disk.
    func log(of job: Job) throws -> [UInt8] {
        try reactor.kernel.contents(of: "\(directory)/logs/\(job.id).log", sizeMax: 1 << 30)
    }

    /// The same job in this life.
    func now(_ job: Job) throws -> Job { try now(job.id) }

    /// The job of that identifier.
    func now(_ id: JobID) throws -> Job {
        try supervisor.job("\(id)", for: Workbench.admin)
    }

    /// Every job of one tenant.
    var allJobs: [Job] {
        supervisor.list(JobFilter(), after: nil, limit: 1000, for: Workbench.alice).jobs
    }

    /// Deletes a job.
    func delete(_ job: Job) throws {
        var answer: Result<Void, JobError>?
        supervisor.delete(job) { answer = $0 }
        try turn { answer != nil }
        try #require(answer).get()
    }

    /// Kills the shim of a job, as the kernel might when memory is short.
    func killShim(of job: Job) throws {
        let kernel = reactor.kernel
        for name in try kernel.list("/proc") {
            guard let pid = Int32(name),
                let line = try? kernel.contents(of: "/proc/\(pid)/cmdline", sizeMax: 4096),
                line.starts(with: Array("cmdctl-shim\0\(job.id)".utf8))
            else { continue }
            kill(pid, SIGKILL)
        }
    }

    /// Lets everything settle that goes on behind the answers: removals, cancellations.
    func settle() throws {
        try turn { reactor.isIdle }
    }
}
