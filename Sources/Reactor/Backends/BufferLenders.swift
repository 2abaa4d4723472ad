import DequeModule

/// The provided buffers of a ring, by the pools they come from, and who came when there were none.
final class BufferLenders {
    private let ring: SubmissionRing
    /// One for each pool: a program has one or two.
    private var lenders: [ProvidedBuffers] = []
    /// Whether the kernel has refused a ring of buffers, which it does for want of memory.
    private var isRefused = false
    /// Receives that found no buffer, in their order.
    private var starved: Deque<Token> = []

    /// Lends to the requests of a ring.
    init(_ ring: SubmissionRing) {
        self.ring = ring
    }

    /// Whether buffers of that pool can be had; the first of it to ask has them made.
    func canLend(from pool: BufferPool) -> Bool {
        if lenders.contains(where: { $0.pool === pool }) { return true }
        guard !isRefused else { return false }
        let lender = ProvidedBuffers(pool, group: UInt16(lenders.count))
        do throws(Errno) {
            try ring.register(lender)
        } catch {
            isRefused = true
            return false
        }
        lenders.append(lender)
        return true
    }

    /// The number of the group that comes from the pool.
    func group(of pool: BufferPool) -> UInt16 { lender(of: pool).group }

    private func lender(of pool: BufferPool) -> ProvidedBuffers {
        guard let lender = lenders.first(where: { $0.pool === pool }) else {
            preconditionFailure("no buffers were provided from this pool")
        }
        return lender
    }

    /// Passes the buffer on that a request has used, or takes it back if it brought nothing.
    func settle(_ completion: SubmissionRing.Completion, _ loan: BufferLoan) {
        guard let number = completion.bufferNumber else { return }
        let lender = lender(of: loan.pool)
        if completion.result > 0 {
            loan.lend(lender.take(number, count: Int(completion.result)))
        } else {
            lender.provide(number)
        }
    }

    // MARK: Want

    /// Whether somebody found no buffer and has not asked again.
    var isAnybodyStarved: Bool { !starved.isEmpty }

    /// Whether the operation is not in the kernel, because it found no buffer.
    func isStarved(_ token: Token) -> Bool { starved.contains(token) }

    /// Remembers who has to ask again.
    func starve(_ token: Token) {
        starved.append(token)
    }

    /// Who may ask again now: no more than there can be buffers for.
    func takeStarved() -> [Token] {
        guard !starved.isEmpty else { return [] }
        let tokens = Array(starved.prefix(ProvidedBuffers.count))
        starved.removeFirst(tokens.count)
        return tokens
    }
}
