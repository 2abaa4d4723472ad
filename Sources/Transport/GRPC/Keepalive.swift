internal import Reactor

/// Watches over the silence of one connection, by a timer of the reactor.
final class Keepalive {
    private unowned let connection: any ConnectionControl
    private var machine: KeepaliveStateMachine
    private var lastHeard: Instant
    private var timer: TimerID?
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
            idle: limits.keepaliveIdle, timeout: limits.keepaliveTimeout,
            stalledSend: limits.stalledSend)
        lastHeard = connection.reactor.now
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

    private func timerFired() {
        timer = nil
        let action = machine.timerFired(
            at: connection.reactor.now, lastHeard: lastHeard,
            stalledSince: connection.stalledSince, isNeeded: isNeeded())
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
