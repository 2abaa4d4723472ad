import Netlink

/// What resolv.conf(5) says in a job with a private network.
struct ResolverFile: Equatable {
    /// All of it.
    let text: String

    /// Takes from the host's file what a job can use.
    ///
    /// - Parameters:
    ///   - host: What the host's file says.
    ///   - substitutes: The servers to be asked if the host has none that a job can reach: one on the
    ///     loopback interface is the host's own, one with a link-local address is kept from jobs, and
    ///     version 6 there is not.
    init(host: String, substitutes: [IPv4Address]) {
        let lines = host.split(whereSeparator: \.isNewline).map {
            $0.split { $0 == " " || $0 == "\t" }
        }
        let settings = lines.filter { Self.settings.contains($0.first ?? "") }
            .map { $0.joined(separator: " ") }
        let servers = lines.filter { $0.count >= 2 && $0[0] == "nameserver" }
            .compactMap { IPv4Address(parsing: $0[1]) }.filter(Self.isReachable)
        text = (settings + (servers.isEmpty ? substitutes : servers).map { "nameserver \($0)" })
            .map { $0 + "\n" }.joined()
    }

    private static let settings: Set<Substring> = ["search", "domain", "options"]

    private static func isReachable(_ server: IPv4Address) -> Bool {
        server.number != 0
            && ![IPv4Block.loopback, .linkLocal].contains { $0.contains(server) }
    }
}
