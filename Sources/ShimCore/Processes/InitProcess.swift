import ShimProtocol

/// The first process of a job's PID namespace.
///
/// It has the command for a child rather than being it, because the kernel spares a first process
/// every signal it has no handler for: `sleep` as PID 1 ignores SIGTERM. It adopts and reaps
/// orphans, and when the command ends it kills the rest. It lives in a fork of the shim.
struct InitProcess {
    private let system: any ShimSystem
    private let link: Int32

    init(system: any ShimSystem, link: Int32) {
        self.system = system
        self.link = link
    }

    /// Runs the command to its end.
    ///
    /// Whatever is left then dies with the caller.
    func run(_ launch: LeaderLaunch) {
        do throws(StartFailure) {
            let signals = try openSignals()
            let leader = try system.startLeader(launch)
            system.closeStreams(of: launch)
            serve(LocalKeeper(system: system, leader: leader, reach: .namespace), signals)
        } catch {
            report(.failed(error))
        }
    }

    private func openSignals() throws(StartFailure) -> Int32 {
        try at(.supervisor, "signalfd") { () throws(SystemError) in
            try system.openSignals()
        }
    }

    private func serve(_ keeper: LocalKeeper, _ signals: Int32) {
        while true {
            let descriptors = [signals, link] + (keeper.descriptor.map { [$0] } ?? [])
            let ready = system.wait(for: descriptors, until: nil)
            var events: [EndSequence.Event] = []
            if let descriptor = keeper.descriptor, ready.contains(descriptor) {
                events += keeper.descriptorReady()
            }
            if ready.contains(signals), system.readSignals(signals).contains(.childEnded) {
                events += keeper.childrenEnded()
            }
            if events.contains(.nothingLeft) { return passLast(events) }
            for event in events { pass(on: event, keeper) }
            if ready.contains(link), !obey(keeper) { return }
        }
    }

    /// To kill whoever is left takes a look at every process of the host, and nobody is.
    private func passLast(_ events: [EndSequence.Event]) {
        for event in events { tell(of: event) }
    }

    private func pass(on event: EndSequence.Event, _ keeper: LocalKeeper) {
        tell(of: event)
        if case .leaderEnded = event { _ = keeper.killEverything() }
    }

    private func tell(of event: EndSequence.Event) {
        switch event {
        case .started(let leaderPID):
            report(.started(innerPID: leaderPID))
        case .failed(let failure):
            report(.failed(failure))
        case .leaderEnded(let how):
            report(.leaderEnded(how))
        case .nothingLeft:
            break
        case .command, .outputFull, .deadlinePassed:
            preconditionFailure("no keeper says so")
        }
    }

    /// Returns false when the shim is gone: then nobody keeps the output, and the job must end.
    private func obey(_ keeper: LocalKeeper) -> Bool {
        guard let message = try? system.receive(on: link) else { return true }
        switch LinkCommand(decoding: message) {
        case .send(let signal, let target)?: keeper.send(signal, to: target)
        case .killEverything?: _ = keeper.killEverything()
        case nil: return false
        }
        return true
    }

    /// A shim that does not listen is about to be noticed by `obey`.
    private func report(_ report: LinkReport) {
        try? system.send(report.encoded, on: link)
    }
}
