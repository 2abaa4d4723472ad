import Jobs
import Reactor
import ShimProtocol
import Simulator
import Testing

/// What a supervisor does while its process is out of something, on a simulated machine that runs
/// short of it at the moment that matters.
struct ShortageTests {
    @Test func `a job that ends while no descriptor is left is not lost`() throws {
        let bench = try SimulatedBench { shim in
            shim.startJob()
            shim.after(.seconds(1)) { $0.endJob(.exited(code: 0)) }
        }
        let job = try #require(try bench.start()).get()
        bench.machine.faults.descriptorsMax = 0
        try bench.machine.advance(by: .seconds(2))
        #expect(!job.hasEnded)
        bench.machine.faults.descriptorsMax = .max
        try bench.machine.advance(by: .seconds(1))
        #expect(job.outcome == .succeeded)
    }

    /// A start takes an index, a log, a plan, a pipe and a handle of the process.
    @Test(arguments: 0...8)
    func `a start that runs out of descriptors leaves nothing behind`(spare: Int) throws {
        let bench = try SimulatedBench()
        let before = bench.machine.openDescriptorCount
        bench.machine.faults.descriptorsMax = before + spare
        let answer = try #require(try bench.start())
        bench.machine.faults.descriptorsMax = .max
        let job = try? answer.get()
        #expect((job != nil) == (spare >= 6), "\(answer)")
        if let job { bench.supervisor.stop(job, signal: 9, grace: .zero) { _ in } }
        try bench.machine.runUntilIdle()
        #expect(bench.machine.openDescriptorCount == before)
        #expect(bench.reactor.isIdle)
        let files = try bench.reactor.kernel.list("/state/logs")
        #expect(files.isEmpty == (job == nil))
    }

    @Test func `a job can be killed although no more signals can be queued`() throws {
        let bench = try SimulatedBench()
        let job = try #require(try bench.start()).get()
        bench.machine.faults.refusesQueuedSignals = true
        bench.supervisor.stop(job, signal: 15, grace: .seconds(1)) { _ in }
        try bench.machine.advance(by: .seconds(2))
        #expect(job.outcome == .killed)
    }

    @Test func `a shim that cannot be understood does not run on`() throws {
        let bench = try SimulatedBench { shim in
            _ = try? shim.write([UInt8](repeating: 0, count: 5000), to: 6)
        }
        #expect(throws: JobError.self) { try bench.start()?.get() }
        #expect(bench.reactor.isIdle)
    }
}
