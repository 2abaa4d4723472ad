internal import Reactor

/// Watches over the silence of one connection, by a timer of the reactor.
final class Keepalive {
    private let reactor: Reactor
    private var machine: KeepaliveStateMachine
    private var lastHeard: Instant
    private var timer: TimerID?
    private let isNeeded: () -> Bool
    private let ask: () -> Void
    private let giveUp: () -> Void

    /// Starts to watch.
    ///
    /// - Parameters:
    ///   - reactor: the clock.
    ///   - limits: how long silence is borne.
    ///   - isNeeded: whether it matters now if the peer lives.
    ///   - ask: sends a ping.
    ///   - giveUp: the peer is dead.
    init(
        reactor: Reactor, limits: GRPCLimits, isNeeded: @escaping () -> Bool,
        ask: @escaping () -> Void, giveUp: @escaping () -> Void
    ) {
        self.reactor = reactor
        machine = KeepaliveStateMachine(
            idle: limits.keepaliveIdle, timeout: limits.keepaliveTimeout)
        lastHeard = reactor.now
        self.isNeeded = isNeeded
        self.ask = ask
        self.giveUp = giveUp
        sleep(limits.keepaliveIdle)
    }

    /// Bytes have come from the peer.
    func heard() {
        lastHeard = reactor.now
    }

    /// Ends the watch.
    func stop() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    private func sleep(_ duration: Duration) {
        timer = reactor.schedule(after: duration) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        timer = nil
        let action = machine.timerFired(
            at: reactor.now, lastHeard: lastHeard, isNeeded: isNeeded())
        switch action {
        case .sleep(let duration):
            sleep(duration)
        case .ask(let duration):
            ask()
            sleep(duration)
        case .giveUp:
            giveUp()
        }
    }
}
