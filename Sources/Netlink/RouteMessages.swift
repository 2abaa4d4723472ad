// Interfaces, addresses and routes: the few things that a private network is made of. rtnetlink(7)

extension NetlinkMessage {
    private enum RouteType {
        static let newLink: UInt16 = 16
        static let deleteLink: UInt16 = 17
        static let newAddress: UInt16 = 20
        static let newRoute: UInt16 = 24
    }

    /// Attributes of interfaces: IFLA_* of linux/if_link.h.
    private enum LinkAttribute {
        static let name: UInt16 = 3
        static let info: UInt16 = 18
        static let processNamespace: UInt16 = 19
        static let familySettings: UInt16 = 26
    }

    private static let versionFour: UInt8 = 2
    private static let versionSix: UInt16 = 10
    private static let raised: UInt32 = 1

    /// Makes a pair of interfaces, of which all that goes into one comes out of the other; veth(4).
    ///
    /// Both are there or neither is, and when a namespace ends, its end takes the other one with it.
    ///
    /// - Parameters:
    ///   - name: Of the end that is the caller's.
    ///   - peerName: Of the other end.
    ///   - pid: A process in whose network namespace that is.
    /// - Returns: The message, of family ``NetlinkFamily/route``.
    package static func makePair(
        _ name: String, peer peerName: String, inNamespaceOf pid: Int32
    ) -> NetlinkMessage {
        var body = interface(index: 0)
        body.attribute(LinkAttribute.name, name)
        body.attribute(LinkAttribute.info) { info in
            let (kind, data, peer): (UInt16, UInt16, UInt16) = (1, 2, 1)
            info.attribute(kind, "veth")
            info.attribute(data) { data in
                var description = interface(index: 0)
                description.attribute(LinkAttribute.name, peerName)
                description.attribute(LinkAttribute.processNamespace, pid)
                data.attribute(peer, raw: description.bytes)
            }
        }
        return NetlinkMessage(
            type: RouteType.newLink, flags: [.create, .exclusive, .acknowledge], body: body)
    }

    /// Lets an interface make no address of version 6 for itself, as it would when it is raised.
    ///
    /// EAFNOSUPPORT from a kernel without that version, where there is nothing to be done.
    package static func withholdVersionSix(from index: Int32) -> NetlinkMessage {
        var body = interface(index: index)
        body.attribute(LinkAttribute.familySettings) { families in
            families.attribute(versionSix) { settings in
                let (generation, none): (UInt16, UInt8) = (8, 1)
                settings.attribute(generation, none)
            }
        }
        return NetlinkMessage(type: RouteType.newLink, flags: [.acknowledge], body: body)
    }

    /// Raises an interface: from then on packets go through.
    package static func raise(_ index: Int32) -> NetlinkMessage {
        NetlinkMessage(
            type: RouteType.newLink, flags: [.acknowledge],
            body: interface(index: index, flags: raised))
    }

    /// Removes an interface, and the other end of a pair with it.
    package static func removeInterface(_ name: String) -> NetlinkMessage {
        var body = interface(index: 0)
        body.attribute(LinkAttribute.name, name)
        return NetlinkMessage(type: RouteType.deleteLink, flags: [.acknowledge], body: body)
    }

    /// Gives an interface an address, and a route to the one address at its other end.
    package static func addAddress(
        _ address: IPv4Address, to index: Int32, peer: IPv4Address
    ) -> NetlinkMessage {
        let (far, own): (UInt16, UInt16) = (1, 2)
        var body = NetlinkWriter()
        // struct ifaddrmsg: family, length of the prefix, flags, scope, index.
        body.append(raw: [versionFour, 32, 0, 0])
        body.append(index)
        body.attribute(own, raw: address.bytes)
        body.attribute(far, raw: peer.bytes)
        return NetlinkMessage(
            type: RouteType.newAddress, flags: [.create, .exclusive, .acknowledge], body: body)
    }

    /// Sends through an interface, by way of a neighbour, all that has no other route.
    package static func addDefaultRoute(
        through index: Int32, by gateway: IPv4Address
    ) -> NetlinkMessage {
        let (device, neighbour): (UInt16, UInt16) = (4, 5)
        let (mainTable, atStart, everywhere, unicast): (UInt8, UInt8, UInt8, UInt8) = (254, 3, 0, 1)
        var body = NetlinkWriter()
        // struct rtmsg: family, lengths of destination and source, service, where it belongs, flags.
        body.append(raw: [versionFour, 0, 0, 0, mainTable, atStart, everywhere, unicast])
        body.append(UInt32(0))
        body.attribute(device, index)
        body.attribute(neighbour, raw: gateway.bytes)
        return NetlinkMessage(
            type: RouteType.newRoute, flags: [.create, .exclusive, .acknowledge], body: body)
    }

    /// `struct ifinfomsg`: family, type, index, flags, and which flags are meant.
    private static func interface(index: Int32, flags: UInt32 = 0) -> NetlinkWriter {
        var writer = NetlinkWriter()
        writer.append(UInt32(0))
        writer.append(index)
        writer.append(flags)
        writer.append(flags)
        return writer
    }
}
