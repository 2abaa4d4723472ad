import Netlink
import Reactor
import ShimProtocol

/// Decides what a job's private network is like; for a worker, since it reads a file.
struct NetworkPlanner: Sendable {
    let settings: NetworkSettings
    let kernel: any Kernel

    private static let resolverFile = "/etc/resolv.conf"
    private static let resolverSizeMax = 64 << 10

    /// The network of a job with that address.
    func plan(for id: JobID, at address: IPv4Address) -> SandboxPlan.PrivateNetwork {
        let host = try? kernel.contents(of: Self.resolverFile, sizeMax: Self.resolverSizeMax)
        let resolver = ResolverFile(
            host: String(decoding: (host ?? []).filter { $0 != 0 }, as: UTF8.self),
            substitutes: settings.resolvers)
        return SandboxPlan.PrivateNetwork(
            interface: id.interfaceName, address: address.number,
            gateway: settings.gateway.number, resolver: resolver.text)
    }
}
