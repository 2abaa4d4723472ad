#if DEBUG
    import Glibc
    import Jobs
    import Synchronization

    /// Ends the daemon at one of its steps: `CMDCTLD_STOP_AT=startRecorded:3` at the third start.
    ///
    /// For tests of what a sudden end leaves; a release build knows nothing of it.
    final class StopAt: Sendable {
        private let point: StopPoint
        /// Steps are reached on the loop and on workers.
        private let timesLeft: Atomic<Int>

        private init(_ point: StopPoint, times: Int) {
            self.point = point
            timesLeft = Atomic(times)
        }

        private func reached(_ point: StopPoint) {
            guard point == self.point else { return }
            let left = timesLeft.subtract(1, ordering: .relaxed).newValue
            if left == 0 { kill(getpid(), SIGKILL) }
        }

        /// What the environment asks for, of the daemon and of the shims it will start.
        static var surroundings: Surroundings {
            var surroundings = Surroundings()
            if let stopAt = StopAt.asked {
                surroundings.reached = { stopAt.reached($0) }
            }
            let name = "CMDCTL_SHIM_STOP_AT"
            if let value = getenv(name) {
                surroundings.shimEnvironment = ["\(name)=\(String(cString: value))"]
            }
            return surroundings
        }

        private static var asked: StopAt? {
            guard let value = getenv("CMDCTLD_STOP_AT") else { return nil }
            let parts = String(cString: value).split(separator: ":")
            guard let point = parts.first.flatMap({ StopPoint(rawValue: String($0)) }) else {
                preconditionFailure("CMDCTLD_STOP_AT names no step of the daemon")
            }
            return StopAt(point, times: parts.dropFirst().first.flatMap { Int($0) } ?? 1)
        }
    }
#endif
