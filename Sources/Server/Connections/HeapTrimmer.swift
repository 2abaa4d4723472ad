import Reactor

/// Gives memory back to the system after a crowd of clients has left, or has come.
///
/// The allocator returns by itself only what lies at the end of its heap, and something always lies
/// there: after 2,000 followers 100 MiB stayed, and pieces of it wore out from crowd to crowd. Those
/// who come leave behind what their handshakes took.
final class HeapTrimmer {
    private let reactor: Reactor
    private var count = 0
    private var isPending = false

    init(reactor: Reactor) {
        self.reactor = reactor
    }

    /// One more connection has done its handshake, or is gone.
    func connectionCameOrWent() {
        count += 1
        guard count >= Limits.connectionsPerTrim, !isPending else { return }
        isPending = true
        awaitQuiet(delaysLeft: Limits.trimDelaysMax)
    }

    /// Waits until nobody comes or leaves any more: of a crowd, the last ones are to be included.
    private func awaitQuiet(delaysLeft: Int) {
        let before = count
        reactor.schedule(after: Limits.trimDelay) { [weak self] in
            guard let self else { return }
            guard count > before, delaysLeft > 0 else { return trim() }
            awaitQuiet(delaysLeft: delaysLeft - 1)
        }
    }

    /// On a worker, which does not spare the loop all of it: whoever needs memory waits meanwhile.
    ///
    /// Of 100 MiB to give back it took 5 to 22 ms of processor time, of 800, which is what all
    /// connections can leave behind, 35 to 180: once, and when nobody has left for a second.
    private func trim() {
        count = 0
        let kernel = reactor.kernel
        reactor.perform(on: .files) {
            kernel.releaseFreeMemory()
        } then: { [weak self] in
            self?.isPending = false
        }
    }
}
