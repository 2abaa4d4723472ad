import Jobs
import Reactor
import Testing
import Transport

@testable import Server

/// How the descriptors of the process are shared out.
struct DescriptorBudgetTests {
    @Test(arguments: [
        (limit: 64, connections: 18, handshakes: 9, jobs: 18),
        (limit: 1024, connections: 498, handshakes: 249, jobs: 498),
        (limit: 20_000, connections: 9_986, handshakes: 1_024, jobs: 9_986),
        (limit: 1 << 20, connections: 16_384, handshakes: 1_024, jobs: 524_274),
    ])
    func `clients and jobs have half each`(
        limit: Int, connections: Int, handshakes: Int, jobs: Int
    ) throws {
        let budget = try DescriptorBudget(dividing: DescriptorLimit(current: limit, given: 63))
        #expect(budget.transport.connectionsAtOnce == connections)
        #expect(budget.transport.handshakesAtOnce == handshakes)
        #expect(budget.jobLimits.descriptors == jobs)
        #expect(budget.jobLimits.descriptorLimitOfCommands == 63)
    }

    @Test(arguments: [0, 1, 1_000, 16_384, 1 << 20])
    func `where bursts are accepted, they take nobody's share`(more: Int) throws {
        let limit = ReactorLimits.descriptorsForBursts + more
        let budget = try DescriptorBudget(dividing: DescriptorLimit(current: limit, given: 63))
        let shares = budget.connections + budget.jobs + Limits.descriptorsOfDaemon
        #expect(limit - shares >= ReactorLimits.connectionsAhead)
    }

    @Test func `with too few there is no daemon`() {
        #expect(throws: StartupError.self) {
            try DescriptorBudget(dividing: DescriptorLimit(current: 63, given: 63))
        }
    }
}
