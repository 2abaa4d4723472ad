import Testing

@testable import Jobs

/// What is kept of jobs that have ended: there may be a hundred thousand of them.
@Suite(.timeLimit(.minutes(10))) struct EndedJobTests {
    @Test func `one that ended here holds no more than one that is on record`() throws {
        let bench = try Workbench()
        let first = try bench.start(shell: "true")
        try bench.waitForEnd(of: first)
        #expect(first.live == nil)
        #expect(first.controlGroup == nil && first.queuePosition == nil)
        let second = try bench.start(shell: "true")
        #expect(second.order.isShared(with: first.order))
        try bench.waitForEnd(of: second)
        try bench.settle()
        try bench.restart()
        let again = try bench.now(first)
        #expect(again !== first)
        #expect(again.live == nil)
        #expect(try bench.now(second).order.isShared(with: again.order))
    }

    @Test func `one that never ran holds nothing of its life either`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "true")
        let result = try bench.tryToStart(
            JobSpecification(command: .program("/no/such/program", arguments: [])))
        guard case .failure(.startFailed(let id, _)) = result else {
            return #expect(Bool(false), "\(result)")
        }
        #expect(try bench.now(id).live == nil)
        try bench.waitForEnd(of: job)
    }
}
