import Jobs
import Reactor
import Simulator
import Testing

/// What a killed shim has left is found, though it was not to be seen at first.
struct StragglerTests {
    @Test(arguments: [0, 50, 150])
    func `a process that was being born when it was looked for is killed`(
        milliseconds: Int
    ) throws {
        let bench = try SimulatedBench()
        let job = try #require(try bench.start()).get()
        bench.machine.install("/straggler") { _ in }
        let shim = try #require(bench.machine.processes(of: "/cmdctl-shim").first)
        let birth = ProcessSpawn(
            path: "/straggler", arguments: ["straggler"],
            environment: ["HOME=/", "CMDCTL_JOB_ID=\(job.id)"])
        var births = 0
        bench.machine.kill(shim)
        bench.reactor.schedule(after: .milliseconds(milliseconds)) {
            births += (try? bench.reactor.kernel.spawn(birth)) == nil ? 0 : 1
        }
        try bench.machine.advance(by: .seconds(10))
        #expect(births == 1)
        #expect(bench.machine.processes(of: "/straggler").isEmpty)
    }
}
