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
    let reactor: Reactor
    let supervisor: JobSupervisor

    init(shimPath: String = Workbench.shimPath) throws {
        directory = try makeTemporaryDirectory()
        reactor = try Reactor(choosing: .auto)
        supervisor = try JobSupervisor(
            reactor: reactor, stateDirectory: directory, shimPath: shimPath,
            records: SimulatedRecords(
                DurableStore(), on: SimulatedMachine(seed: 1), reactor: reactor),
            logger: Logger(label: "jobs", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    deinit {
        supervisor.stopAll(grace: .zero) {}
        try? settle()
        reactor.dismantle()
        try? removeTree(directory)
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
        requestID: String? = nil
    ) throws -> Result<Job, JobError> {
        var answer: Result<Job, JobError>?
        supervisor.start(specification, owner: owner, requestID: requestID) { answer = $0 }
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
