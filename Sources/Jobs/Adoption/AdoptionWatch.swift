import Reactor

/// Looks again and again at a job that another supervisor was just starting, or whose shim speaks
/// another language, until it has a shim that runs its command, or nothing of it is left.
///
/// A shim that was just born is found nowhere: its index is locked and empty. Nothing tells when
/// that changes but the index, and it does so within milliseconds.
final class AdoptionWatch {
    private let liveJob: LiveJob
    private let host: JobHost
    private var pause: Duration

    /// Begins to watch.
    init(_ liveJob: LiveJob, host: JobHost) {
        self.liveJob = liveJob
        self.host = host
        pause = host.limits.adoptionInterval
    }

    /// Takes what was seen, and looks again if that was not all.
    func take(_ sighting: Sighting) {
        switch sighting {
        case .gone:
            // Of one that is held the pidfd tells.
            if !liveJob.hasShim { liveJob.shimEnded() }
        case .blind(let shim):
            hold(shim)
            liveJob.startSeen(at: nil)
        case .alive(let shim?, let startedAt?):
            hold(shim)
            liveJob.startSeen(at: startedAt)
        case .alive(let shim, _):
            if let shim { hold(shim) }
            lookLater()
        case .unclear:
            lookLater()
        }
    }

    private func hold(_ shim: ShimHandle) {
        guard !liveJob.hasShim else { return }
        let liveJob = liveJob
        liveJob.spawned(
            ShimProcess(shim, reactor: host.reactor, onEnd: { liveJob.shimEnded() }))
    }

    private func lookLater() {
        host.reactor.schedule(after: pause) { [self] in look() }
        pause = min(pause * 2, host.limits.adoptionIntervalMax)
    }

    /// Looks for the first time, or once more.
    func look() {
        guard !liveJob.job.hasEnded else { return }
        let scout = host.scout
        let id = liveJob.job.id
        host.reactor.perform(on: .files) {
            scout.look(for: [id])
        } then: { [self] sightings in
            for sighting in sightings where liveJob.job.life.isStarting { take(sighting) }
        }
    }
}
