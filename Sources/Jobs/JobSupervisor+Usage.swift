package import Reactor

extension JobSupervisor {
    /// Calendar time.
    package var now: Timestamp { reactor.kernel.wallClockNow }

    /// Reads what some jobs take at this moment; one without a control group takes nothing that
    /// could be told.
    package func usage(of jobs: [Job], then: @escaping ([ControlGroupUsage]) -> Void) {
        usageSampling.ask(about: jobs.map(\.controlGroup), then: then)
    }
}

extension UsageSampling {
    /// Reads the files of control groups, on a worker.
    convenience init(reactor: Reactor, limits: JobLimits) {
        let kernel = reactor.kernel
        self.init(groupsPerRead: limits.looksPerBatch) { paths, then in
            reactor.perform(on: .files) {
                paths.map { path in
                    ControlGroupUsage { (try? kernel.text(of: "\(path)/\($0)")) ?? "" }
                }
            } then: {
                then($0)
            }
        }
    }
}
