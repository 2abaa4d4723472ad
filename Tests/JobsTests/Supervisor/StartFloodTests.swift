import Jobs
import Reactor
import Simulator
import Testing

/// More starts at once than there may be, on a simulated machine.
struct StartFloodTests {
    @Test func `a flood of starts is cut off, and what was accepted starts`() throws {
        let bench = try SimulatedBench()
        let limits = JobLimits()
        var answers: [Result<Job, JobError>] = []
        for _ in 0..<limits.startsAtOnce + 10 {
            bench.supervisor.start(
                JobSpecification(command: .program("true", arguments: [])),
                owner: SimulatedBench.viewer, requestID: nil
            ) { answers.append($0) }
        }
        #expect(answers.map(\.isTooMany) == Array(repeating: true, count: 10), "told at once")
        try bench.machine.runUntilIdle()
        #expect(answers.count == limits.startsAtOnce + 10)
        #expect(answers.filter(\.isTooMany).count == 10)
        #expect(try bench.start()?.isTooMany == false, "there is room again")
    }
}

extension Result<Job, JobError> {
    fileprivate var isTooMany: Bool {
        guard case .failure(.tooManyStarts) = self else { return false }
        return true
    }
}
