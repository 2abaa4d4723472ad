/// What happens to some packets: conditions that must all hold, and then a fate; nftables.
package struct FilterRule: Equatable, Sendable {
    /// Something that may hold for a packet.
    package enum Condition: Equatable, Sendable {
        /// It came in by an interface whose name begins so.
        case arrivedBy(String)
        /// It will leave by an interface whose name begins so.
        case leavesBy(String)
        /// It goes to one of these; said of version 4 only.
        case goesTo(IPv4Block)
        /// It is of version 6.
        case isVersionSix
        /// It answers what came from its destination, or says why that failed.
        case isAnswer
        /// An answer to its sender would not leave by where it came in.
        case hasForgedSender
    }

    /// What becomes of a packet.
    package enum Fate: Equatable, Sendable {
        /// This chain lets it pass.
        case accept
        /// It is gone without a word.
        case drop
        /// It is gone, and its sender learns that somebody forbids it.
        case refuse
        /// It leaves as if this host had sent it, and the answers find their way back.
        case masquerade
    }

    let conditions: [Condition]
    let fate: Fate

    /// Says what becomes of packets for which all conditions hold.
    package init(_ conditions: [Condition], _ fate: Fate) {
        self.conditions = conditions
        self.fate = fate
    }
}

/// Rules in order, at one point of a packet's way through the kernel.
package struct FilterChain: Equatable, Sendable {
    /// Where packets pass: NF_INET_* of linux/netfilter.h.
    package enum Hook: UInt32, Sendable {
        /// All that come in.
        case arriving = 0
        /// Those that are for this host.
        case input = 1
        /// Those that are for others.
        case forward = 2
        /// All that go out.
        case leaving = 4
    }

    /// What the rules of a chain may do.
    package enum Kind: String, Sendable {
        /// Pass or stop.
        case filter
        /// Change addresses; asked for the first packet of a connection only.
        case nat
    }

    let name: String
    let hook: Hook
    let kind: Kind
    /// Which chain comes first where there are more: NF_IP_PRI_* of linux/netfilter_ipv4.h.
    let priority: Int32
    let rules: [FilterRule]

    /// Puts rules in a place.
    package init(
        _ name: String, at hook: Hook, kind: Kind, priority: Int32, _ rules: [FilterRule]
    ) {
        self.name = name
        self.hook = hook
        self.kind = kind
        self.priority = priority
        self.rules = rules
    }
}
