/// The listening sockets of a ring.
final class Acceptors {
    private let ring: SubmissionRing
    private let takesBursts: Bool
    private var acceptors: [UInt32: Acceptor] = [:]
    private var nextNumber: UInt32 = 0

    /// Accepts through a ring; in bursts, if the process may have descriptors enough.
    init(_ ring: SubmissionRing, descriptors: Int) {
        self.ring = ring
        takesBursts = descriptors >= ReactorLimits.descriptorsForBursts
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
