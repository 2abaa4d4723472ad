/// Chains under one name, for both versions of the protocol, which come and go together.
package struct FilterTable: Equatable, Sendable {
    let name: String
    let chains: [FilterChain]

    /// Puts chains under a name.
    package init(_ name: String, _ chains: [FilterChain]) {
        self.name = name
        self.chains = chains
    }

    /// Puts the table in force, in the place of one of that name: at one moment, or not at all.
    ///
    /// What is not there cannot be removed, so one is made first.
    package var installation: [NetlinkMessage] {
        batch(
            [table(.newTable), table(.deleteTable), table(.newTable)]
                + chains.flatMap { chain in
                    [self.chain(chain)] + chain.rules.map { rule($0, of: chain) }
                })
    }

    /// Takes the table out of force; ENOENT if it is not there.
    package var removal: [NetlinkMessage] { batch([table(.deleteTable)]) }

    /// NFT_MSG_*.
    private enum Verb: UInt16 {
        case newTable = 0
        case deleteTable = 2
        case newChain = 3
        case newRule = 6
    }

    /// NFNL_SUBSYS_NFTABLES.
    private static let subsystem: UInt16 = 10
    /// NFPROTO_INET: versions 4 and 6.
    private static let bothVersions: UInt8 = 1

    private func table(_ verb: Verb) -> NetlinkMessage {
        message(verb) { $0.attribute(1, name) }
    }

    private func chain(_ chain: FilterChain) -> NetlinkMessage {
        message(.newChain) { body in
            body.attribute(1, name)
            body.attribute(3, chain.name)
            body.attribute(4) { hook in
                hook.attribute(1, networkOrder: chain.hook.rawValue)
                hook.attribute(2, networkOrder: UInt32(bitPattern: chain.priority))
            }
            body.attribute(7, chain.kind.rawValue)
        }
    }

    private func rule(_ rule: FilterRule, of chain: FilterChain) -> NetlinkMessage {
        message(.newRule, flags: [.append]) { body in
            body.attribute(1, name)
            body.attribute(2, chain.name)
            body.attribute(4) { $0.appendExpressions(of: rule) }
        }
    }

    private func message(
        _ verb: Verb, flags: NetlinkMessage.Flags = [], _ fill: (inout NetlinkWriter) -> Void
    ) -> NetlinkMessage {
        var body = Self.header(family: Self.bothVersions, resource: 0)
        fill(&body)
        return NetlinkMessage(
            type: Self.subsystem << 8 | verb.rawValue, flags: flags.union([.create, .acknowledge]),
            body: body)
    }

    /// The kernel takes all between the two marks as one change.
    private func batch(_ messages: [NetlinkMessage]) -> [NetlinkMessage] {
        let marks = [UInt16(16), 17].map { type in
            NetlinkMessage(
                type: type, flags: [], body: Self.header(family: 0, resource: Self.subsystem))
        }
        return [marks[0]] + messages + [marks[1]]
    }

    /// `struct nfgenmsg`: family, version, resource.
    private static func header(family: UInt8, resource: UInt16) -> NetlinkWriter {
        var writer = NetlinkWriter()
        writer.append(raw: [family, 0])
        writer.append(resource.bigEndian)
        return writer
    }
}
