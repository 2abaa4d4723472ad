import Reactor
import Testing

@testable import Jobs

/// What is remembered of requests, and what is forgotten first.
@Suite struct RequestLedgerTests {
    private let alice = Workbench.alice.tenant
    private let bob = Workbench.bob.tenant

    private func key(_ requestID: String, of owner: Tenant) -> RequestLedger.Key {
        RequestLedger.Key(owner: owner, requestID: requestID)
    }

    private func limits(total: Int, perTenant: Int) -> JobLimits {
        var limits = JobLimits()
        limits.rememberedRequests = total
        limits.rememberedRequestsPerTenant = perTenant
        return limits
    }

    private func request(_ number: UInt64, of owner: Tenant, id: String? = nil) -> RecordedRequest {
        RecordedRequest(
            owner: owner, requestID: id ?? "r\(number)", jobID: Specimen.id(number))
    }

    @Test func `a request is remembered for its owner`() {
        var ledger = RequestLedger(limits: JobLimits())
        #expect(ledger.jobID(for: key("r1", of: alice)) == nil)
        ledger.remember(Specimen.id(1), for: key("r1", of: alice))
        #expect(ledger.jobID(for: key("r1", of: alice)) == Specimen.id(1))
        #expect(ledger.jobID(for: key("r1", of: bob)) == nil)
    }

    @Test func `a request that came to nothing is forgotten, and can be made again`() {
        var ledger = RequestLedger(limits: limits(total: 2, perTenant: 2))
        ledger.remember(Specimen.id(1), for: key("r1", of: alice))
        ledger.remember(Specimen.id(2), for: key("r2", of: alice))
        ledger.forget(key("r1", of: alice))
        ledger.forget(key("r1", of: alice))
        #expect(ledger.jobID(for: key("r1", of: alice)) == nil)
        ledger.remember(Specimen.id(3), for: key("r1", of: alice))
        #expect(ledger.jobID(for: key("r1", of: alice)) == Specimen.id(3))
        #expect(ledger.jobID(for: key("r2", of: alice)) == Specimen.id(2))
    }

    @Test func `who makes too many requests loses the own oldest`() {
        var ledger = RequestLedger(limits: limits(total: 100, perTenant: 3))
        ledger.remember(Specimen.id(1), for: key("r1", of: bob))
        for number in 2...11 {
            ledger.remember(Specimen.id(UInt64(number)), for: key("r\(number)", of: alice))
        }
        let kept = (2...11).filter { ledger.jobID(for: key("r\($0)", of: alice)) != nil }
        #expect(kept == [9, 10, 11])
        #expect(ledger.jobID(for: key("r1", of: bob)) == Specimen.id(1))
    }

    @Test func `of too many requests in all, the oldest go`() {
        let recorded = (1...20).map { request($0, of: $0.isMultiple(of: 3) ? bob : alice) }
        let ledger = RequestLedger(limits: limits(total: 8, perTenant: 8), recorded: recorded)
        let kept = recorded.filter { ledger.jobID(for: RequestLedger.Key($0)) == $0.jobID }
        #expect(kept == Array(recorded.suffix(8)))
    }

    @Test func `what nobody would remember is pruned from what was on record`() {
        let recorded = (1...6).map { request($0, of: alice) } + [request(7, of: alice, id: "r6")]
        let pruned = recorded.pruned(limits(total: 8, perTenant: 4))
        #expect(pruned.map(\.jobID) == [3, 4, 5, 7].map(Specimen.id))
    }

    @Test func `specifications are compared by bytes`() {
        let composed = JobSpecification(command: .shell("echo \u{E9}"))
        #expect(composed.isIdentical(to: composed))
        #expect(!composed.isIdentical(to: JobSpecification(command: .shell("echo e\u{301}"))))
    }
}
