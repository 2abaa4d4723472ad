package import Reactor

/// The addresses that one client may be taken to have, for sharing what is scarce among clients.
///
/// An IPv4 address stands for itself. Of IPv6, whoever has one address usually has the 2^64 of its
/// network (RFC 6177), so they count as one. All of one host's loopback clients are one as well.
package enum AddressBlock: Hashable {
    /// One address.
    case ipv4(UInt32)
    /// The first 64 bits of an address.
    case ipv6(UInt64)
    /// This host, or an address that could not be had.
    case local

    /// The block of a client.
    package init(of address: SocketAddress?) {
        switch address {
        case .ipv4(let address, _): self = .ipv4(address)
        // RFC 4291, section 2.5.5.2: what an IPv6 socket shows of an IPv4 client.
        case .ipv6(let address, _) where address.high == 0 && address.low >> 32 == 0xFFFF:
            self = .ipv4(UInt32(truncatingIfNeeded: address.low))
        case .ipv6(let address, _): self = .ipv6(address.high)
        case .unix, nil: self = .local
        }
    }
}
