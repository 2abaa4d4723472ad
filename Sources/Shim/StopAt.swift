#if DEBUG
    import Glibc
    import ShimCore

    /// Ends the shim at one of its steps: `CMDCTL_SHIM_STOP_AT=outputWritten:3` at the third write.
    ///
    /// For tests of what a sudden end leaves; a release build knows nothing of it.
    final class StopAt {
        private let point: ShimStopPoint
        private var timesLeft: Int

        /// Nil unless the environment asks for it.
        init?() {
            guard let value = getenv("CMDCTL_SHIM_STOP_AT") else { return nil }
            let parts = String(cString: value).split(separator: ":")
            guard let point = parts.first.flatMap({ ShimStopPoint(rawValue: String($0)) }) else {
                preconditionFailure("CMDCTL_SHIM_STOP_AT names no step of a shim")
            }
            self.point = point
            timesLeft = parts.dropFirst().first.flatMap { Int($0) } ?? 1
        }

        func reached(_ point: ShimStopPoint) {
            guard point == self.point else { return }
            timesLeft -= 1
            if timesLeft == 0 { kill(getpid(), SIGKILL) }
        }
    }
#endif
