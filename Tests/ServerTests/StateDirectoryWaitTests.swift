import Jobs
import Reactor
import Simulator
import Testing

@testable import Server

/// A state directory may be in use for a moment by nobody who matters.
@Suite struct StateDirectoryWaitTests {
    private let machine = SimulatedMachine(seed: 1)

    private static let inUse = StartupError.jobs(.stateDirectoryInUse(path: "/state", holder: 7))

    @Test func `a lock that is let go of is waited for`() throws {
        let reactor = machine.makeReactor()
        let begin = reactor.kernel.monotonicNow
        var attempts = 0
        let made = try waitingForStateDirectory(reactor) { () throws(StartupError) in
            attempts += 1
            guard attempts == 3 else { throw Self.inUse }
            return "a daemon"
        }
        #expect(made == "a daemon")
        #expect(reactor.kernel.monotonicNow - begin == Limits.stateLockInterval * 2)
    }

    @Test func `a lock that is kept is told of in the end`() {
        let reactor = machine.makeReactor()
        let begin = reactor.kernel.monotonicNow
        let error = #expect(throws: StartupError.self) {
            try waitingForStateDirectory(reactor) { () throws(StartupError) in throw Self.inUse }
        }
        #expect(error?.sentence.contains("in use by another daemon") == true)
        #expect(reactor.kernel.monotonicNow - begin == Limits.stateLockPatience)
    }

    @Test func `what waiting does not mend is told at once`() {
        let reactor = machine.makeReactor()
        var attempts = 0
        #expect(throws: StartupError.self) {
            try waitingForStateDirectory(reactor) { () throws(StartupError) in
                attempts += 1
                throw .shimUnusable(path: "/shim", problem: "it is missing")
            }
        }
        #expect(attempts == 1)
    }
}
