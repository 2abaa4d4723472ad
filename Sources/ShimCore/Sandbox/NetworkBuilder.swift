import CLinux
import Glibc
import Netlink
import ShimProtocol

/// Makes the pair of interfaces of a private network: one half outside, by the shim, one inside, by
/// the job's first process while it has the privilege.
///
/// Whoever dies in between leaves nothing: the namespace ends with its processes, its end of the pair
/// with it, and the other end with that one.
struct NetworkBuilder {
    /// What the job calls its end.
    private static let insideName = "eth0"

    private let network: SandboxPlan.PrivateNetwork

    init(_ network: SandboxPlan.PrivateNetwork) {
        self.network = network
    }

    private var address: IPv4Address { IPv4Address(number: network.address) }
    private var gateway: IPv4Address { IPv4Address(number: network.gateway) }

    /// Makes the pair, and raises the host's end of it.
    ///
    /// All these ends have the same address, because each knows the one address that lies behind it.
    func buildOutside(forNamespaceOf pid: Int32) throws(StartFailure) {
        try Self.ask(
            "making \(network.interface)",
            .makePair(network.interface, peer: Self.insideName, inNamespaceOf: pid))
        let index = try Self.index(of: network.interface)
        try Self.withholdVersionSix(from: index)
        try Self.ask("the gateway's address", .addAddress(gateway, to: index, peer: address))
        try Self.ask("raising \(network.interface)", .raise(index))
    }

    /// Gives the job's end its address, raises it, and sends everything that way.
    func buildInside() throws(StartFailure) {
        let index = try Self.index(of: Self.insideName)
        try Self.withholdVersionSix(from: index)
        try Self.ask("the job's address", .addAddress(address, to: index, peer: gateway))
        try Self.ask("raising \(Self.insideName)", .raise(index))
        try Self.ask("the default route", .addDefaultRoute(through: index, by: gateway))
    }

    /// Raises lo, which the kernel gives number 1 in every network namespace.
    static func raiseLoopback() throws(StartFailure) {
        try ask("raising lo", .raise(1))
    }

    private static func withholdVersionSix(from index: Int32) throws(StartFailure) {
        try ask("version 6", .withholdVersionSix(from: index), tolerating: EAFNOSUPPORT)
    }

    private static func index(of name: String) throws(StartFailure) -> Int32 {
        let index = if_nametoindex(name)
        guard index > 0 else { throw failure("looking for \(name)", ENODEV) }
        return Int32(bitPattern: index)
    }

    private static func ask(
        _ activity: String, _ message: NetlinkMessage, tolerating tolerated: Int32? = nil
    ) throws(StartFailure) {
        let request = NetlinkRequest([message])
        let bytes = try exchange(activity, request.bytes)
        switch request.answer(in: bytes) {
        case .done: return
        case .refused(let number):
            guard number == tolerated else { throw failure(activity, number) }
        case .incomplete: throw failure(activity, EPROTO)
        }
    }

    private static func exchange(
        _ activity: String, _ request: [UInt8]
    ) throws(StartFailure) -> [UInt8] {
        var answer = [UInt8](repeating: 0, count: 4096)
        do throws(SystemError) {
            let count = try retrying {
                clinux_exchange_netlink(
                    NetlinkFamily.route.rawValue, request, request.count, &answer, answer.count)
            }
            return Array(answer.prefix(count))
        } catch {
            throw failure(activity, error.number)
        }
    }

    private static func failure(_ activity: String, _ number: Int32) -> StartFailure {
        StartFailure(
            stage: .namespaces, errno: number, detail: "network, \(activity)")
    }
}
