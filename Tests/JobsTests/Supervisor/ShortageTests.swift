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
