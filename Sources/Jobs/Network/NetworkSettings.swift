package import Netlink

/// What an operator decides about private networks.
package struct NetworkSettings: Hashable, Sendable {
    /// The addresses that jobs get, and the host's end of their networks.
    package let pool: IPv4Block
    /// Servers of names, for jobs on a host that has none they can reach.
    package let resolvers: [IPv4Address]

    /// Decides; nil for a pool that is no network for hosts, or too small for one job.
    package init?(pool: IPv4Block, resolvers: [IPv4Address] = []) {
        guard (8...30).contains(pool.prefixLength),
            !Self.reserved.contains(where: { $0.contains(pool.first) || pool.contains($0.first) })
        else { return nil }
        self.pool = pool
        self.resolvers = resolvers
    }

    private init() {
        pool = IPv4Block(around: IPv4Address(number: 0x0AD3_0000), prefixLength: 16)
        resolvers = []
    }

    /// 10.211.0.0/16, of which hardly anybody makes use, and no resolvers.
    package static let standard = NetworkSettings()

    /// No network, loopback, link-local, and what is not for one host; RFC 6890.
    private static let reserved: [IPv4Block] = [
        IPv4Block(around: IPv4Address(number: 0), prefixLength: 8), .loopback, .linkLocal,
        IPv4Block(around: IPv4Address(number: 0xE000_0000), prefixLength: 3),
    ]

    /// The address of the host's end of every private network.
    var gateway: IPv4Address { IPv4Address(number: pool.first.number + 1) }
}

extension IPv4Block {
    /// 127.0.0.0/8, RFC 1122.
    static let loopback = IPv4Block(around: IPv4Address(number: 0x7F00_0000), prefixLength: 8)
    /// 169.254.0.0/16, RFC 3927: where clouds tell their machines secrets.
    static let linkLocal = IPv4Block(around: IPv4Address(number: 0xA9FE_0000), prefixLength: 16)
}
