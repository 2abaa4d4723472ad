import Glibc

/// The listening sockets of a ring.
final class Acceptors {
    /// Below this limit on descriptors, connections are accepted one by one: a burst, which may be
    /// as long as a listener's backlog, would take those that other work needs.
    static let descriptorsForBursts: rlim_t = 16_384

    private let ring: SubmissionRing
    private let takesBursts: Bool
    private var acceptors: [UInt32: Acceptor] = [:]
    private var nextNumber: UInt32 = 0

    /// Accepts through a ring; whether in bursts, depends on the limit of the process.
    init(_ ring: SubmissionRing) {
        self.ring = ring
        var limit = rlimit()
        let asked = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        takesBursts = asked == 0 && limit.rlim_cur >= Self.descriptorsForBursts
    }

    /// Somebody asks for a connection.
    func ask(_ listener: Int32, _ token: Token) -> Acceptor.Answer? {
        let known = acceptors.values.first { $0.listener == listener && $0.isCurrent }
        if let known { return known.ask(token) }
        let acceptor = Acceptor(listener)
        acceptors[nextNumber] = acceptor
        nextNumber += 1
        return acceptor.ask(token)
    }

    /// The accept is not wanted any more, if it is one.
    func cancel(_ token: Token) {
        _ = acceptors.values.contains { $0.cancel(token) }
    }

    /// The kernel has accepted a connection, or says why not.
    func take(_ completion: SubmissionRing.Completion) -> Acceptor.Answer? {
        guard let acceptor = acceptors[completion.name.acceptorNumber] else {
            preconditionFailure("a connection for a listener that is forgotten")
        }
        let outcome = outcome(of: "accept", negated: completion.result)
        return acceptor.completed(outcome, isLast: !completion.hasMoreToCome)
    }

    /// Before the loop waits: begins and ends requests, and forgets sockets that are closed.
    func prepare(_ answer: (Acceptor.Answer) -> Void) {
        for (number, acceptor) in acceptors {
            if let canceled = acceptor.takeCanceled() { answer(canceled) }
            switch acceptor.nextOrder() {
            case .begin:
                let request = RingRequest.accept(acceptor.listener, again: takesBursts)
                ring.add(.acceptor(number), request)
            case .end:
                ring.cancel(.acceptor(number))
            case nil:
                if acceptor.isOver { acceptors[number] = nil }
            }
        }
    }
}
