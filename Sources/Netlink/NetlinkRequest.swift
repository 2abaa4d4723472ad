/// Messages that go to the kernel together, and how its answer to them is understood.
package struct NetlinkRequest: Sendable {
    /// All of them, in order.
    package let bytes: [UInt8]
    private let lastAcknowledged: UInt32

    /// Numbers the messages from 1 on; at least one of them asks to be acknowledged.
    package init(_ messages: [NetlinkMessage]) {
        var bytes: [UInt8] = []
        var last: UInt32 = 0
        for (message, sequence) in zip(messages, UInt32(1)...) {
            bytes += message.encoded(sequence: sequence)
            if message.flags.contains(.acknowledge) { last = sequence }
        }
        precondition(last > 0, "nobody would know how it went")
        self.bytes = bytes
        lastAcknowledged = last
    }

    /// Reads what the kernel answered.
    package func answer(in bytes: [UInt8]) -> NetlinkAnswer {
        NetlinkAnswer(decoding: bytes, last: lastAcknowledged)
    }
}
