import Jobs

/// Counts the connections of each tenant, so that a client which leaks them takes them from its own
/// tenant and from nobody else.
struct ConnectionShares {
    private let countMax: Int
    /// Certificates that name no tenant share one count.
    private var counts: [Tenant?: Int] = [:]

    /// Gives each tenant so many.
    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Takes one more of a tenant's connections; false if it has them all.
    mutating func take(of tenant: Tenant?) -> Bool {
        let count = counts[tenant, default: 0]
        guard count < countMax else { return false }
        counts[tenant] = count + 1
        return true
    }

    /// One of those that were taken is gone.
    mutating func giveBack(of tenant: Tenant?) {
        guard let count = counts[tenant] else { preconditionFailure("gives back what it had not") }
        counts[tenant] = count > 1 ? count - 1 : nil
    }
}
