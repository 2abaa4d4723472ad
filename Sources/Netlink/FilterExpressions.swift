// Rules as the kernel has them: a row of small expressions, each of which may end the row. They hand
// values to each other in a register. Numbers in their attributes are in network order.
// linux/netfilter/nf_tables.h

extension NetlinkWriter {
    /// NFT_REG32_00's predecessor, of 16 bytes.
    private static let register: UInt32 = 1
    private static let verdictRegister: UInt32 = 0
    private static let listElement: UInt16 = 1

    /// Appends the expressions of a rule.
    mutating func appendExpressions(of rule: FilterRule) {
        for condition in rule.conditions { append(condition) }
        append(rule.fate)
    }

    private mutating func append(_ condition: FilterRule.Condition) {
        switch condition {
        case .arrivedBy(let prefix): compareName(key: 6, to: prefix)
        case .leavesBy(let prefix): compareName(key: 7, to: prefix)
        case .goesTo(let block):
            loadDestination()
            mask(block.mask.bytes)
            compare(.equal, to: block.first.bytes)
        case .isVersionSix:
            loadMeta(key: 15)
            compare(.equal, to: [10])
        case .isAnswer:
            // NF_CT_STATE_BIT of IP_CT_ESTABLISHED and of IP_CT_RELATED.
            loadTrackedState()
            mask(native(1 << 1 | 1 << 2))
            compare(.notEqual, to: native(0))
        case .hasForgedSender:
            loadInterfaceBackToSender()
            compare(.equal, to: native(0))
        }
    }

    private mutating func append(_ fate: FilterRule.Fate) {
        switch fate {
        case .drop: decide(0)
        case .accept: decide(1)
        case .refuse:
            expression("reject") { data in
                // NFT_REJECT_ICMPX_UNREACH, the same for both versions, with "administratively
                // prohibited".
                data.attribute(1, networkOrder: 2)
                data.attribute(2, UInt8(3))
            }
        case .masquerade: expression("masq") { _ in }
        }
    }

    // MARK: What is looked at

    /// Only as many bytes are compared as the prefix has.
    private mutating func compareName(key: UInt32, to prefix: String) {
        loadMeta(key: key)
        compare(.equal, to: Array(prefix.utf8))
    }

    private mutating func loadMeta(key: UInt32) {
        expression("meta") { data in
            data.attribute(1, networkOrder: Self.register)
            data.attribute(2, networkOrder: key)
        }
    }

    /// Four bytes at 16 of a header of version 4, RFC 791.
    private mutating func loadDestination() {
        let networkHeader: UInt32 = 1
        expression("payload") { data in
            data.attribute(1, networkOrder: Self.register)
            data.attribute(2, networkOrder: networkHeader)
            data.attribute(3, networkOrder: 16)
            data.attribute(4, networkOrder: 4)
        }
    }

    private mutating func loadTrackedState() {
        let state: UInt32 = 0
        expression("ct") { data in
            data.attribute(1, networkOrder: Self.register)
            data.attribute(2, networkOrder: state)
        }
    }

    /// Zero if there is no route to the sender through the interface that the packet came by.
    private mutating func loadInterfaceBackToSender() {
        let (interface, sender, sameInterface): (UInt32, UInt32, UInt32) = (1, 1, 8)
        expression("fib") { data in
            data.attribute(1, networkOrder: Self.register)
            data.attribute(2, networkOrder: interface)
            data.attribute(3, networkOrder: sender | sameInterface)
        }
    }

    // MARK: What is done with it

    private enum Comparison: UInt32 {
        case equal = 0
        case notEqual = 1
    }

    private mutating func compare(_ comparison: Comparison, to value: [UInt8]) {
        expression("cmp") { data in
            data.attribute(1, networkOrder: Self.register)
            data.attribute(2, networkOrder: comparison.rawValue)
            data.attribute(3) { $0.attribute(1, raw: value) }
        }
    }

    private mutating func mask(_ mask: [UInt8]) {
        expression("bitwise") { data in
            data.attribute(1, networkOrder: Self.register)
            data.attribute(2, networkOrder: Self.register)
            data.attribute(3, networkOrder: UInt32(mask.count))
            data.attribute(4) { $0.attribute(1, raw: mask) }
            data.attribute(5) { $0.attribute(1, raw: mask.map { _ in 0 }) }
        }
    }

    private mutating func decide(_ verdict: UInt32) {
        expression("immediate") { data in
            data.attribute(1, networkOrder: Self.verdictRegister)
            data.attribute(2) { value in
                value.attribute(2) { $0.attribute(1, networkOrder: verdict) }
            }
        }
    }

    private mutating func expression(_ name: String, _ body: (inout NetlinkWriter) -> Void) {
        attribute(Self.listElement) { element in
            element.attribute(1, name)
            element.attribute(2, nesting: body)
        }
    }

    /// A number of the kernel's own, which it compares as it has it.
    private func native(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
}

extension NetlinkWriter {
    /// A number in network order, as packet filters have theirs.
    mutating func attribute(_ type: UInt16, networkOrder value: UInt32) {
        attribute(type, value.bigEndian)
    }
}
