/// What the kernel said to a few messages.
package enum NetlinkAnswer: Equatable {
    /// The last message was acknowledged, and none was refused.
    case done
    /// A message was refused, with that errno(3).
    case refused(number: Int32)
    /// The kernel did not come to the last message.
    case incomplete

    private static let errorType: UInt16 = 2

    /// Reads the bytes of all answers, in the order in which they came.
    ///
    /// - Parameters:
    ///   - bytes: Any number of messages.
    ///   - last: The sequence of the message that was to be acknowledged last.
    package init(decoding bytes: [UInt8], last: UInt32) {
        var rest = bytes[...]
        self = .incomplete
        while let message = Self.popMessage(&rest) {
            guard message.type == Self.errorType, let number = message.error else { continue }
            if number != 0 {
                self = .refused(number: -number)
                return
            }
            if message.sequence == last { self = .done }
        }
    }

    private struct Message {
        let type: UInt16
        let sequence: UInt32
        let error: Int32?
    }

    private static func popMessage(_ rest: inout ArraySlice<UInt8>) -> Message? {
        guard let size = rest.integer(UInt32.self, at: 0).map(Int.init),
            let type = rest.integer(UInt16.self, at: 4),
            let sequence = rest.integer(UInt32.self, at: 8),
            size >= NetlinkMessage.headerSize, size <= rest.count
        else { return nil }
        let body = rest.dropFirst(NetlinkMessage.headerSize).prefix(
            size - NetlinkMessage.headerSize)
        // The next one begins at a multiple of four bytes.
        rest = rest.dropFirst(size + (-size & 3))
        return Message(type: type, sequence: sequence, error: body.integer(Int32.self, at: 0))
    }
}

extension ArraySlice<UInt8> {
    /// The number that the machine would read there, if there are enough bytes.
    fileprivate func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at offset: Int
    ) -> Value? {
        let size = MemoryLayout<Value>.size
        guard count >= offset + size else { return nil }
        return dropFirst(offset).prefix(size).withUnsafeBytes {
            $0.loadUnaligned(as: Value.self)
        }
    }
}
