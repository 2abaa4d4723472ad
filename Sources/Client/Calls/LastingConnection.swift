import JobsAPI
import Reactor

/// The way to the server for work that outlasts connections.
///
/// When the connection is lost, or the server is about to end, the work is done again over a new
/// one, which is sought with growing pauses. What the work has achieved so far is its own to know.
/// The first connection is made without patience: a wrong address should be told at once.
final class LastingConnection {
    private let session: Session
    private let patience: Duration
    private var machine: StateMachine
    private var caller: Caller?

    /// Connects.
    ///
    /// - Parameters:
    ///   - session: where to, and whom to tell.
    ///   - patience: how long an outage may last; zero bears none.
    /// - Throws: why there is no connection.
    init(session: Session, patience: Duration) throws(Failure) {
        self.session = session
        self.patience = patience
        caller = try session.connect()
        machine = StateMachine(patience: patience, at: session.reactor.now)
    }

    /// Does `work`, once more after every outage.
    ///
    /// - Parameters:
    ///   - isOutage: which failures of the work make it worth another try.
    ///   - resumption: what the user is told of how it goes on, if there is anything to tell.
    ///   - work: is handed a connection over which the server has just answered.
    /// - Returns: what the work came to.
    /// - Throws: what no other try can mend, or the failure that went on for too long.
    func perform<Value>(
        retrying isOutage: (Failure) -> Bool = { $0.outage != nil },
        resumption: () -> String = { "" },
        _ work: (Caller) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        while true {
            do throws(Failure) {
                return try work(try connected(resumption))
            } catch {
                let isPassing = machine.isDown ? error.mayPass : isOutage(error)
                guard isPassing else { throw error }
                try bear(error)
            }
        }
    }

    /// The work has got something out of the connection.
    func progressed() {
        machine.progressed()
    }

    /// A connection whose server answers.
    private func connected(_ resumption: () -> String) throws(Failure) -> Caller {
        if let caller { return caller }
        let caller = try session.connect()
        do throws(Failure) {
            // A quiet job says nothing for days: something else must tell that all is well.
            _ = try caller.answer(to: .getServerInfo, Cmdctl_V1_GetServerInfoRequest())
        } catch {
            caller.leave()
            throw error
        }
        self.caller = caller
        if machine.answered(at: session.reactor.now) { session.say("reconnected" + resumption()) }
        return caller
    }

    /// Waits until it is time for the next attempt, unless it is enough.
    private func bear(_ failure: Failure) throws(Failure) {
        caller?.leave()
        caller = nil
        // What has arrived is written first: with a reader that has stopped, outage after outage
        // would otherwise fill our memory.
        try session.console.flush()
        switch machine.failed(
            at: session.reactor.now, retryDelay: failure.outage?.retryDelay, chance: chance)
        {
        case .giveUp:
            throw failure.lasting(patience)
        case .pause(let duration, let isNews):
            if isNews { session.say("\(failure.news); reconnecting…") }
            try session.console.pause(for: duration)
        }
    }

    /// Anything from 0 to 1, each as likely as the other.
    private var chance: Double {
        let random = session.kernel.fillRandom(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Double(random) / Double(UInt32.max)
    }
}

extension Failure {
    /// Whether it may be over soon, as seen by one who is looking for the server: one that does not
    /// answer in time may be on its way down or up.
    fileprivate var mayPass: Bool { outage != nil || exitStatus == .timedOut && self != .timeOver }
}

extension Failure {
    /// What happened, for one who need not do anything about it.
    fileprivate var news: String {
        reason == "SERVER_DRAINING" ? "the server is shutting down" : sentence.withoutFullStop
    }

    /// The same, with how long it has been so.
    fileprivate func lasting(_ patience: Duration) -> Failure {
        guard patience > .zero else { return self }
        return Failure(
            reason: reason,
            "\(sentence.withoutFullStop), and this for \(DurationText(patience)) now",
            remedy: remedy, facts: facts, exitStatus: exitStatus, outage: outage)
    }
}

extension String {
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
