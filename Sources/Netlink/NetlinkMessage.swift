/// One thing that the kernel is asked for over netlink(7).
package struct NetlinkMessage: Equatable, Sendable {
    /// What the kernel is to do with what it finds.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// To be set in all that the kernel is asked; NLM_F_REQUEST.
        static let request = Flags(rawValue: 1 << 0)
        /// Say when it is done; NLM_F_ACK.
        static let acknowledge = Flags(rawValue: 1 << 2)
        /// Not if it is there already; NLM_F_EXCL.
        static let exclusive = Flags(rawValue: 1 << 9)
        /// Make it if it is not there; NLM_F_CREATE.
        static let create = Flags(rawValue: 1 << 10)
        /// Behind those that are there; NLM_F_APPEND.
        static let append = Flags(rawValue: 1 << 11)
    }

    /// `struct nlmsghdr`.
    static let headerSize = 16

    /// What is asked for: a number of the family's.
    let type: UInt16
    let flags: Flags
    /// The family's own header, and attributes.
    let body: [UInt8]

    init(type: UInt16, flags: Flags, body: NetlinkWriter) {
        self.type = type
        self.flags = flags.union(.request)
        self.body = body.bytes
    }

    /// The bytes of the message, which answers name by `sequence`.
    package func encoded(sequence: UInt32) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.append(UInt32(Self.headerSize + body.count))
        writer.append(type)
        writer.append(flags.rawValue)
        writer.append(sequence)
        writer.append(UInt32(0))
        writer.append(raw: body)
        return writer.bytes
    }
}

/// What a program may talk about with the kernel.
package enum NetlinkFamily: Int32, Sendable {
    /// Interfaces, addresses and routes, rtnetlink(7).
    case route = 0
    /// Packet filters.
    case netfilter = 12
}
