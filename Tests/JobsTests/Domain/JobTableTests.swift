import Reactor
import Testing

@testable import Jobs

/// Naming and listing jobs, and that a foreign job is as good as none.
@Suite struct JobTableTests {
    private let alice = Workbench.alice
    private let bob = Workbench.bob
    private let admin = Workbench.admin

    @Test func `a foreign job and a missing one are answered alike`() throws {
        var table = JobTable()
        let job = table.add(Specimen.job(1, name: "web"))
        for selector in ["\(job.id)", "web", String("\(job.id)".prefix(34)), "\(Specimen.id(9))"] {
            #expect(table.error(selector, for: bob) == .jobNotFound(selector: selector))
        }
        #expect(try table.job("\(job.id)", for: alice) === job)
        #expect(try table.job("\(job.id)", for: admin) === job)
        #expect(table.list(JobFilter(), after: nil, limit: 10, for: bob).jobs.isEmpty)
    }

    @Test func `a name means the live job, else the newest that ended`() throws {
        var table = JobTable()
        let first = table.add(Specimen.job(1, name: "web"))
        first.endAsSpecimen()
        #expect(try table.job("web", for: alice) === first)
        let second = table.add(Specimen.job(2, name: "web"))
        #expect(try table.job("web", for: alice) === second)
        #expect(table.liveJob(named: "web", of: alice.tenant) === second)
        second.endAsSpecimen()
        #expect(try table.job("web", for: alice) === second)
        #expect(table.liveJob(named: "web", of: alice.tenant) == nil)
        table.remove(second)
        #expect(try table.job("web", for: alice) === first)
    }

    @Test func `a prefix of four characters is enough when it is unambiguous`() throws {
        var table = JobTable()
        let job = table.add(Specimen.job(1))
        #expect(try table.job("0192", for: alice) === job)
        #expect(table.error("019", for: alice) == .jobNotFound(selector: "019"))
        let foreign = table.add(Specimen.job(2, owner: bob))
        #expect(try table.job("0192", for: alice) === job, "what one may not see, one cannot mean")
        guard case .jobAmbiguous(_, let matches) = table.error("0192", for: admin) else {
            return #expect(Bool(false), "two jobs begin like this")
        }
        #expect(matches.count == 2)
        #expect(matches.first?.hasPrefix("\(job.id)") == true)
        #expect(matches.last?.hasPrefix("\(foreign.id)") == true)
    }

    @Test func `an admin names the tenant where two jobs have one name`() throws {
        var table = JobTable()
        let hers = table.add(Specimen.job(1, name: "web"))
        let his = table.add(Specimen.job(2, name: "web", owner: bob))
        #expect(table.error("web", for: admin)?.reason == "JOB_AMBIGUOUS")
        #expect(try table.job("alice/web", for: admin) === hers)
        #expect(try table.job("bob/web", for: admin) === his)
        #expect(table.error("bob/web", for: alice) == .jobNotFound(selector: "bob/web"))
        hers.endAsSpecimen()
        #expect(try table.job("web", for: admin) === his, "the live one is meant")
    }

    @Test func `pages are newest first and do not overlap`() {
        var table = JobTable()
        for number in 1...7 { _ = table.add(Specimen.job(UInt64(number))) }
        _ = table.add(Specimen.job(8, owner: bob))
        var seen: [JobID] = []
        var last: JobID?
        var more = true
        while more {
            let page = table.list(JobFilter(), after: last, limit: 3, for: alice)
            seen += page.jobs.map(\.id)
            last = page.jobs.last?.id
            more = page.more
        }
        #expect(seen == (1...7).reversed().map { Specimen.id($0) })
    }

    @Test func `a page that ends with the last job says so`() {
        var table = JobTable()
        for number in 1...4 { _ = table.add(Specimen.job(UInt64(number))) }
        let page = table.list(JobFilter(), after: nil, limit: 4, for: alice)
        #expect(page.jobs.count == 4)
        #expect(!page.more)
    }

    struct FilterRow: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let filter: JobFilter
        let numbers: [UInt64]
    }

    static let filters = [
        FilterRow(testDescription: "none", filter: JobFilter(), numbers: [3, 2, 1]),
        FilterRow(
            testDescription: "state", filter: JobFilter(states: [.starting]), numbers: [3, 2]),
        FilterRow(
            testDescription: "outcome", filter: JobFilter(outcomes: [.failed, .succeeded]),
            numbers: [1]),
        FilterRow(testDescription: "owner", filter: JobFilter(owner: "bob"), numbers: [3]),
        FilterRow(testDescription: "name", filter: JobFilter(name: "web"), numbers: [2]),
        FilterRow(
            testDescription: "labels", filter: JobFilter(labels: ["a": "1"]), numbers: [2]),
        FilterRow(
            testDescription: "all labels", filter: JobFilter(labels: ["a": "1", "b": "2"]),
            numbers: []),
        FilterRow(
            testDescription: "times",
            filter: JobFilter(
                createdAfter: Timestamp(nanoseconds: 1), createdBefore: Timestamp(nanoseconds: 3)),
            numbers: [2]),
    ]

    @Test(arguments: filters) func `a filter lets through what it names`(row: FilterRow) {
        var table = JobTable()
        table.add(Specimen.job(1)).endAsSpecimen()
        _ = table.add(Specimen.job(2, name: "web", labels: ["a": "1"]))
        _ = table.add(Specimen.job(3, owner: bob))
        let page = table.list(row.filter, after: nil, limit: 10, for: admin)
        #expect(page.jobs.map(\.id) == row.numbers.map { Specimen.id($0) })
    }
}

extension JobTable {
    fileprivate mutating func add(_ job: Job) -> Job {
        insert(job)
        return job
    }

    fileprivate func error(_ selector: String, for viewer: Viewer) -> JobError? {
        do throws(JobError) {
            _ = try job(selector, for: viewer)
            return nil
        } catch {
            return error
        }
    }
}
