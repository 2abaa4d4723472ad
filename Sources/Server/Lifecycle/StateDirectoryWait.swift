import Jobs
import Reactor

/// Makes something that needs the state directory, also right after a daemon was killed: the child
/// that one was just making has a copy of the directory's lock until it executes the shim.
///
/// - Parameters:
///   - reactor: A loop that nobody runs yet; it passes the time.
///   - make: Called again as long as the directory is in use, for ``Limits/stateLockPatience``.
/// - Returns: What was made.
/// - Throws: What `make` throws at last.
func waitingForStateDirectory<Value>(
    _ reactor: Reactor, _ make: () throws(StartupError) -> Value
) throws(StartupError) -> Value {
    let patienceEnds = reactor.kernel.monotonicNow + Limits.stateLockPatience
    while true {
        do throws(StartupError) {
            return try make()
        } catch .jobs(.stateDirectoryInUse) where reactor.kernel.monotonicNow < patienceEnds {
            try pass(Limits.stateLockInterval, on: reactor)
        }
    }
}

private func pass(_ duration: Duration, on reactor: Reactor) throws(StartupError) {
    reactor.schedule(after: duration) { reactor.stop() }
    do throws(Errno) {
        try reactor.run()
    } catch {
        throw .system("to wait for events", error)
    }
}
