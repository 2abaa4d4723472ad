import Reactor
import Simulator
import TestSupport
import Testing

@testable import Jobs

/// What ``Records`` promises, held against each body: every change is answered once, in order, and
/// what was answered with success is there for the next daemon, all of it.
@Suite(.timeLimit(.minutes(10))) struct RecordsConformanceTests {
    @Test(arguments: RecordsKind.allCases)
    func `nothing is on record at first`(kind: RecordsKind) throws {
        let recorded = try RecordsBench(kind).loaded()
        #expect(recorded.jobs.isEmpty && recorded.requests.isEmpty)
    }

    @Test(arguments: RecordsKind.allCases)
    func `every field survives`(kind: RecordsKind) throws {
        let bench = try RecordsBench(kind)
        _ = try bench.loaded()
        let records = RecordSpecimens.all
        let results = try bench.commit(records.map { .accepted($0) })
        #expect(results.failures.isEmpty)
        try bench.beginLife()
        let loaded = try bench.loaded()
        for (expected, found) in zip(records, loaded.jobs) { #expect(found == expected) }
        #expect(loaded.jobs.count == records.count)
    }

    @Test(arguments: RecordsKind.allCases)
    func `each step of a life is on record`(kind: RecordsKind) throws {
        let bench = try RecordsBench(kind)
        var record = Specimen.record(1, requestID: "r")
        record.queueing = .waiting
        let stop = StopIntent(
            signal: 15, grace: .seconds(3), requestedAt: Timestamp(nanoseconds: 8))
        let steps: [(RecordChange, (inout JobRecord) -> Void)] = [
            (.accepted(record), { _ in }),
            (
                .queueingOver(record.id, controlGroup: "/a b%"),
                { ($0.queueing, $0.controlGroup) = (.over, "/a b%") }
            ),
            (.stopRequested(record.id, stop), { $0.stop = stop }),
            (.ended(record.id, Specimen.jobEnd), { $0.end = Specimen.jobEnd }),
            (.deletionBegan(record.id), { $0.isBeingDeleted = true }),
        ]
        for (change, apply) in steps {
            #expect(try bench.commit([change]).failures.isEmpty)
            apply(&record)
            try bench.beginLife()
            #expect(try bench.loaded().jobs == [record])
        }
        try bench.commit([.deleted(record.id)])
        try bench.beginLife()
        let rest = try bench.loaded()
        #expect(rest.jobs.isEmpty)
        let request = RecordedRequest(
            owner: Workbench.alice.tenant, requestID: "r", jobID: record.id)
        #expect(rest.requests == [request])
    }

    @Test(arguments: RecordsKind.allCases)
    func `a change about a job that is not on record changes nothing`(kind: RecordsKind) throws {
        let bench = try RecordsBench(kind)
        let results = try bench.commit([.ended(Specimen.id(1), Specimen.jobEnd)])
        #expect(results.failures.isEmpty)
        try bench.beginLife()
        #expect(try bench.loaded().jobs.isEmpty)
    }

    @Test(arguments: RecordsKind.allCases)
    func `jobs and requests come oldest first`(kind: RecordsKind) throws {
        let bench = try RecordsBench(kind)
        let records = [4, 2, 9, 1].map { Specimen.record($0, requestID: "r\($0)") }
        try bench.commit(records.map { .accepted($0) })
        try bench.beginLife()
        let loaded = try bench.loaded()
        #expect(loaded.jobs.map(\.id) == [1, 2, 4, 9].map(Specimen.id))
        #expect(loaded.requests.map(\.requestID) == ["r1", "r2", "r4", "r9"])
    }

    @Test(arguments: RecordsKind.allCases)
    func `jobs are handed over some at a time`(kind: RecordsKind) throws {
        var limits = JobLimits()
        limits.recordsPerBatch = 3
        let bench = try RecordsBench(kind, limits: limits)
        try bench.commit((1...8).map { .accepted(Specimen.record($0)) })
        try bench.beginLife()
        var batches: [[JobID]] = []
        var isComplete = false
        bench.records.load {
            #expect(!isComplete)
            batches.append($0.map(\.id))
        } then: { _ in
            isComplete = true
        }
        try bench.machine.turn { isComplete }
        #expect(batches.map(\.count) == [3, 3, 2])
        #expect(batches.flatMap(\.self) == (1...8).map(Specimen.id))
    }

    @Test func `jobs that were ordered alike share their order`() throws {
        let bench = try RecordsBench(.sqlite)
        let commands = ["echo \u{E9}", "true", "echo e\u{301}", "true"]
        let records = commands.enumerated().map { index, command in
            JobRecord(
                id: Specimen.id(UInt64(index)), owner: Workbench.alice.tenant,
                order: JobOrder(JobSpecification(command: .shell(command)), timeout: .seconds(9)),
                createdAt: Timestamp(nanoseconds: 1))
        }
        try bench.commit(records.map { .accepted($0) })
        try bench.beginLife()
        let orders = try bench.loaded().jobs.map(\.order)
        #expect(orders[1].isShared(with: orders[3]))
        // What looks the same is not the same.
        #expect(!orders[0].isShared(with: orders[2]))
        #expect(orders == records.map(\.order))
    }

    /// A host may know many kinds of jobs, and their texts have a bound together.
    @Test func `orders are shared among many kinds, but for huge ones`() throws {
        let huge = String(repeating: "x", count: RecordedOrders.textBytesMax / 4)
        for (kinds, text) in [(300, "true"), (5, huge)] {
            let bench = try RecordsBench(.sqlite)
            try bench.commit(
                (0..<kinds * 2).map { number in
                    .accepted(
                        JobRecord(
                            id: Specimen.id(UInt64(number)), owner: Workbench.alice.tenant,
                            order: JobOrder(
                                JobSpecification(command: .shell("\(text) \(number % kinds)"))),
                            createdAt: Timestamp(nanoseconds: 1)))
                })
            try bench.beginLife()
            let orders = try bench.loaded().jobs.map(\.order)
            for kind in 0..<kinds {
                #expect(orders[kind] == orders[kind + kinds])
                #expect(orders[kind].isShared(with: orders[kind + kinds]) == (text != huge))
            }
        }
    }

    @Test(arguments: RecordsKind.allCases)
    func `requests that nobody would remember are not loaded`(kind: RecordsKind) throws {
        var limits = JobLimits()
        limits.rememberedRequests = 5
        limits.rememberedRequestsPerTenant = 3
        let bench = try RecordsBench(kind, limits: limits)
        let records = (1...8).map {
            Specimen.record(
                $0, requestID: "r\($0)",
                owner: $0 > 2 ? Workbench.alice.tenant : Workbench.bob.tenant)
        }
        try bench.commit(records.map { .accepted($0) })
        for _ in 1...2 {
            try bench.beginLife()
            let requests = try bench.loaded().requests
            #expect(requests.map(\.requestID) == ["r1", "r2", "r6", "r7", "r8"])
        }
    }

    @Test(arguments: RecordsKind.allCases)
    func `what comes while a transaction is under way shares the next`(kind: RecordsKind) throws {
        let bench = try RecordsBench(kind)
        _ = try bench.loaded()
        try bench.commit((1...100).map { .accepted(Specimen.record($0)) })
        #expect(bench.transactionCount == 2)
        try bench.beginLife()
        #expect(try bench.loaded().jobs.count == 100)
    }

    @Test(arguments: RecordsKind.allCases)
    func `a transaction is bounded`(kind: RecordsKind) throws {
        var limits = JobLimits()
        limits.changesPerTransaction = 10
        let bench = try RecordsBench(kind, limits: limits)
        try bench.commit((1...41).map { .accepted(Specimen.record($0)) })
        #expect(bench.transactionCount == 5)
    }

    /// A daemon often asks for the next change when it hears of the last.
    @Test(arguments: RecordsKind.allCases)
    func `an answer may ask for more`(kind: RecordsKind) throws {
        let bench = try RecordsBench(kind)
        var ended = 0
        for number in 1...5 {
            bench.records.commit(.accepted(Specimen.record(UInt64(number)))) { _ in
                bench.records.commit(.ended(Specimen.id(UInt64(number)), Specimen.jobEnd)) { _ in
                    ended += 1
                }
            }
        }
        try bench.machine.turn { ended == 5 }
        #expect(bench.transactionCount <= 4)
        try bench.beginLife()
        #expect(try bench.loaded().jobs.allSatisfy { $0.end == Specimen.jobEnd })
    }
}
