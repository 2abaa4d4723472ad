package import Reactor

extension JobSupervisor {
    /// Calendar time.
    package var now: Timestamp { reactor.kernel.wallClockNow }

    /// Reads what some jobs take at this moment; one without a control group takes nothing that
    /// could be told.
    package func usage(of jobs: [Job], then: @escaping ([ControlGroupUsage]) -> Void) {
        let kernel = reactor.kernel
        let paths = jobs.map(\.controlGroup)
        reactor.perform(on: .files) {
            paths.map { path in
                guard let path else { return ControlGroupUsage() }
                return ControlGroupUsage { (try? kernel.text(of: "\(path)/\($0)")) ?? "" }
            }
        } then: {
            then($0)
        }
    }
}
