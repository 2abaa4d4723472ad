internal import Reactor

/// Watches over the silence of one connection, by a timer of the reactor.
final class Keepalive {
    private unowned let connection: any ConnectionControl
    private var machine: KeepaliveStateMachine
    private var lastHeard: Instant
    private var timer: TimerID?
    private let stalledSendMax: Duration
    private let isNeeded: () -> Bool
    private let ask: () -> Void
    private let giveUp: () -> Void

    /// Starts to watch.
    ///
    /// - Parameters:
    ///   - connection: whose silence; it also has the clock.
    ///   - limits: how long silence is borne.
    ///   - isNeeded: whether it matters now if the peer lives.
    ///   - ask: sends a ping.
    ///   - giveUp: the peer is dead.
    init(
        _ connection: any ConnectionControl, limits: GRPCLimits, isNeeded: @escaping () -> Bool,
        ask: @escaping () -> Void, giveUp: @escaping () -> Void
    ) {
        self.connection = connection
        machine = KeepaliveStateMachine(
            idle: limits.keepaliveIdle, timeout: limits.keepaliveTimeout)
        lastHeard = connection.reactor.now
        stalledSendMax = limits.stalledSend
        self.isNeeded = isNeeded
        self.ask = ask
        self.giveUp = giveUp
        sleep(limits.keepaliveIdle)
    }

    /// Bytes have come from the peer.
    func heard() {
        lastHeard = connection.reactor.now
    }

    /// Ends the watch.
    func stop() {
        if let timer { connection.reactor.cancel(timer) }
        timer = nil
    }

    private func sleep(_ duration: Duration) {
        timer = connection.reactor.schedule(after: duration) { [weak self] in self?.timerFired() }
    }

    /// What is taken shows life as well, and may be all that a peer can do: nothing is heard of one
    /// for whom something waits.
    private var lastSign: Instant { max(lastHeard, connection.stalledSince ?? lastHeard) }

    private func timerFired() {
        timer = nil
        let now = connection.reactor.now
        // It may be lively: asks, and does not read the answers.
        if let since = connection.stalledSince, now - since >= stalledSendMax { return giveUp() }
        let action = machine.timerFired(
            at: now, lastHeard: lastSign, isNeeded: isNeeded())
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
