import OrderedCollections

/// What was started for which request id, so that a request that is repeated starts nothing.
struct RequestLedger {
    /// A request id belongs to the tenant who chose it.
    struct Key: Hashable {
        let owner: Tenant
        let requestID: String
    }

    /// The answer to all that ask with one request id.
    private var answers: OrderedDictionary<Key, Job> = [:]
    private let countMax: Int

    /// Makes an empty ledger that remembers at least three quarters of `countMax` requests.
    init(countMax: Int) {
        precondition(countMax >= 4)
        self.countMax = countMax
    }

    /// The job that was made for that request; nil when there was none.
    func job(for key: Key, _ specification: JobSpecification) throws(JobError) -> Job? {
        guard let job = answers[key] else { return nil }
        guard job.specification?.isIdentical(to: specification) == true else {
            throw .requestIDReused(requestID: key.requestID)
        }
        return job
    }

    /// Remembers what was started for a request.
    mutating func remember(_ job: Job, for key: Key) {
        // The oldest go in one sweep, because each removal at the front moves all the others.
        if answers.count >= countMax { answers.removeFirst(countMax / 4) }
        answers[key] = job
    }

    /// Forgets a request of which nothing came.
    mutating func forget(_ key: Key) {
        answers[key] = nil
    }
}

extension JobSpecification {
    /// Whether both say the same, byte by byte; `==` calls canonically equivalent strings equal.
    fileprivate func isIdentical(to other: JobSpecification) -> Bool {
        self == other && texts.elementsEqual(other.texts) { $0.utf8.elementsEqual($1.utf8) }
    }

    private var texts: [String] {
        [command.program] + command.arguments + [name ?? "", workingDirectory]
            + [environment, labels].flatMap { pairs in
                pairs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
            }
    }
}
