import DequeModule

/// What was started for which request id, so that a request that is repeated starts nothing.
///
/// Only identifiers are kept, so a job that was deleted is remembered as well, and never runs again.
/// The oldest requests go first: of a tenant who has too many, and of all when all are too many.
struct RequestLedger {
    /// A request id belongs to the tenant who chose it.
    struct Key: Hashable {
        let owner: Tenant
        let requestID: String
    }

    private var requests: [Tenant: TenantRequests] = [:]
    private var count = 0
    private let countMax: Int
    private let countPerTenantMax: Int

    /// Makes a ledger of what is on record, oldest first.
    init(limits: JobLimits, recorded: [RecordedRequest] = []) {
        precondition(limits.rememberedRequests > 0 && limits.rememberedRequestsPerTenant > 0)
        countMax = limits.rememberedRequests
        countPerTenantMax = limits.rememberedRequestsPerTenant
        for request in recorded { remember(request.jobID, for: Key(request)) }
    }

    /// The job that was made for that request; nil when there was none.
    func jobID(for key: Key) -> JobID? {
        requests[key.owner]?.jobs[key.requestID]
    }

    /// Remembers what was made for a request.
    mutating func remember(_ id: JobID, for key: Key) {
        forget(key)
        requests[key.owner, default: TenantRequests()].append(id, key.requestID)
        count += 1
        let ownCount = requests[key.owner]?.jobs.count ?? 0
        if ownCount > countPerTenantMax { forgetOldest(of: key.owner) }
        if count > countMax, let owner = ownerOfOldest { forgetOldest(of: owner) }
    }

    /// Forgets a request from which nothing came, so that it can be made again.
    mutating func forget(_ key: Key) {
        guard requests[key.owner]?.remove(key.requestID) == true else { return }
        count -= 1
        dropIfEmpty(key.owner)
    }

    private mutating func forgetOldest(of owner: Tenant) {
        requests[owner]?.removeOldest()
        count -= 1
        dropIfEmpty(owner)
    }

    private mutating func dropIfEmpty(_ owner: Tenant) {
        if requests[owner]?.jobs.isEmpty == true { requests[owner] = nil }
    }

    /// Tenants are people with certificates, and few: looking at each is as cheap as an order over
    /// all requests, and takes no memory.
    private var ownerOfOldest: Tenant? {
        requests.compactMap { owner, own in own.oldest.map { (owner, $0) } }
            .min { $0.1 < $1.1 }?.0
    }
}

extension RequestLedger.Key {
    init(_ request: RecordedRequest) {
        self.init(owner: request.owner, requestID: request.requestID)
    }
}

/// The requests of one tenant.
private struct TenantRequests {
    private(set) var jobs: [String: JobID] = [:]
    /// The same, in the order in which they came.
    private var order: Deque<String> = []

    /// What was made for the first of them.
    var oldest: JobID? { order.first.flatMap { jobs[$0] } }

    mutating func append(_ id: JobID, _ requestID: String) {
        jobs[requestID] = id
        order.append(requestID)
    }

    mutating func remove(_ requestID: String) -> Bool {
        guard jobs.removeValue(forKey: requestID) != nil else { return false }
        // Whatever is taken back has only just come.
        if let index = order.lastIndex(of: requestID) { order.remove(at: index) }
        return true
    }

    mutating func removeOldest() {
        guard let oldest = order.popFirst() else { return }
        jobs[oldest] = nil
    }
}

extension [RecordedRequest] {
    /// Without the requests that nobody would remember.
    package func pruned(_ limits: JobLimits) -> [RecordedRequest] {
        let ledger = RequestLedger(limits: limits, recorded: self)
        return filter { ledger.jobID(for: RequestLedger.Key($0)) == $0.jobID }
    }
}

extension JobSpecification {
    /// Whether both say the same, byte by byte; `==` calls canonically equivalent strings equal.
    func isIdentical(to other: JobSpecification) -> Bool {
        self == other && texts.elementsEqual(other.texts) { $0.utf8.elementsEqual($1.utf8) }
    }

    private var texts: [String] {
        let own = [name ?? "", workingDirectory, image ?? "", user ?? ""]
        let pairs = [environment, labels].flatMap { pairs in
            pairs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        }
        return [command.program] + command.arguments + own + pairs + limits.io.map(\.device)
    }
}
