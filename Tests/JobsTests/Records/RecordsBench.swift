import Logging
import Reactor
import Simulator
import TestSupport
import Testing

@testable import Jobs

/// The bodies of ``Records``; what it promises, each of them keeps.
enum RecordsKind: String, CaseIterable, Sendable {
    case sqlite
    case simulated
}

/// Records of either kind, on a machine of their own.
final class RecordsBench {
    let machine: Machine
    private(set) var records: any Records
    private let kind: RecordsKind
    private let limits: JobLimits
    private let directory: String
    private let store = DurableStore()

    init(
        _ kind: RecordsKind, limits: JobLimits = JobLimits(), in directory: String? = nil
    ) throws {
        self.kind = kind
        self.limits = limits
        machine = try Machine(kind == .sqlite ? .epoll : .simulated)
        self.directory = directory ?? machine.directory
        records = NoRecords()
        try beginLife()
    }

    /// Lets the daemon end; the file is closed then.
    func endLife() throws {
        records = NoRecords()
        // The worker lets go of its last work when it gets other work.
        var isFree = false
        machine.reactor.perform(on: .storage) {
        } then: {
            isFree = true
        }
        try machine.turn { isFree }
    }

    /// Lets another daemon take over.
    func beginLife() throws {
        try endLife()
        if let simulated = machine.simulated {
            records = SimulatedRecords(
                store, on: simulated, reactor: machine.reactor, limits: limits)
        } else {
            records = SQLiteRecords(
                path: "\(directory)/jobs.sqlite", reactor: machine.reactor, limits: limits,
                logger: .silent)
        }
    }

    /// How many transactions this life has made; the simulated store counts those of all lives.
    var transactionCount: Int {
        (records as? SQLiteRecords)?.transactionCount ?? store.transactionCount
    }

    func load() throws -> Result<RecordedJobs, RecordsError> {
        try records.loadAll(on: machine)
    }

    /// Everything on record.
    func loaded() throws -> RecordedJobs { try load().get() }

    /// Commits changes one right after the other; answers what became of each.
    @discardableResult
    func commit(_ changes: [RecordChange]) throws -> [Result<Void, RecordsError>] {
        var answers: [(index: Int, result: Result<Void, RecordsError>)] = []
        for (index, change) in changes.enumerated() {
            records.commit(change) { answers.append((index, $0)) }
        }
        #expect(answers.isEmpty, "told before the call returned")
        try machine.turn { answers.count == changes.count }
        #expect(answers.map(\.index) == Array(changes.indices), "told in another order")
        return answers.map(\.result)
    }
}

extension Records {
    /// Everything on record.
    func loadAll(on machine: Machine) throws -> Result<RecordedJobs, RecordsError> {
        var jobs: [JobRecord] = []
        var answer: Result<[RecordedRequest], RecordsError>?
        load {
            jobs += $0
        } then: {
            answer = $0
        }
        try machine.turn { answer != nil }
        return try #require(answer).map { RecordedJobs(jobs: jobs, requests: $0) }
    }
}

/// Between two lives.
private final class NoRecords: Records {
    func load(
        _ take: @escaping ([JobRecord]) -> Void,
        then: @escaping (Result<[RecordedRequest], RecordsError>) -> Void
    ) {
        preconditionFailure("nobody lives")
    }

    func commit(_ change: RecordChange, then: @escaping (Result<Void, RecordsError>) -> Void) {
        preconditionFailure("nobody lives")
    }
}

extension [Result<Void, RecordsError>] {
    /// What became of those that did not go on record.
    var failures: [RecordsError] {
        compactMap { if case .failure(let error) = $0 { error } else { nil } }
    }
}

extension Specimen {
    /// A record of a job that was just accepted.
    static func record(
        _ number: UInt64, requestID: String? = nil, owner: Tenant = Workbench.alice.tenant
    ) -> JobRecord {
        JobRecord(
            id: id(number), owner: owner,
            order: JobOrder(JobSpecification(command: .program("true", arguments: []))),
            requestID: requestID, createdAt: Timestamp(nanoseconds: Int64(number)))
    }

    /// A way for a job to have ended.
    static let jobEnd = JobEnd(
        verdict: JobVerdict(outcome: .failed, exitStatus: .exited(code: 7)),
        startedAt: Timestamp(nanoseconds: 10), endedAt: Timestamp(nanoseconds: 20),
        usage: ResourceUsage(
            userCPUTime: .microseconds(3), systemCPUTime: .seconds(4), maxResidentBytes: 5),
        outputSize: 6, droppedBytes: 7)
}
