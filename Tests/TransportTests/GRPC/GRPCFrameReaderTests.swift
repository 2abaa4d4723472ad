import TestSupport
import Testing

@testable import Transport

/// Messages come out of the bytes of a stream however those are cut, and a header that is not
/// acceptable costs nothing.
struct GRPCFrameReaderTests {
    static let messages: [[UInt8]] = [
        [], [1], [], Array("hello".utf8), [UInt8](repeating: 7, count: 300), [0, 0, 0, 0, 0, 0],
    ]

    static var stream: [UInt8] { messages.flatMap { frame($0) } }

    static func frame(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        let count = UInt32(message.count)
        return [flag] + withUnsafeBytes(of: count.bigEndian) { Array($0) } + message
    }

    /// Reads `bytes`, and returns the messages and what went wrong.
    private func read(
        _ bytes: [UInt8], by reader: inout GRPCFrameReader
    ) -> (messages: [[UInt8]], failure: (any Error)?) {
        var messages: [[UInt8]] = []
        do {
            try bytes.withUnsafeBytes { try reader.read($0) { messages.append($0) } }
            return (messages, nil)
        } catch {
            return (messages, error)
        }
    }

    private func read(_ bytes: [UInt8], piece: Int = .max) throws -> [[UInt8]] {
        var reader = GRPCFrameReader(messageBytesMax: 1000)
        var messages: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let result = read(Array(rest.prefix(piece)), by: &reader)
            rest = rest.dropFirst(piece)
            messages += result.messages
            if let failure = result.failure { throw failure }
        }
        #expect(reader.pendingByteCount == 0)
        return messages
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 100, 304, .max])
    func `messages come out whole in any pieces`(piece: Int) throws {
        #expect(try read(Self.stream, piece: piece) == Self.messages)
    }

    @Test func `the largest message passes and one byte more does not`() throws {
        let largest = [UInt8](repeating: 1, count: 1000)
        #expect(try read(Self.frame(largest)) == [largest])
        #expect(throws: GRPCFramingError.tooLarge(byteCount: 1001, byteCountMax: 1000)) {
            try read([0, 0, 0, 0x03, 0xE9])
        }
    }

    @Test func `the largest length there is takes no memory`() {
        #expect(throws: GRPCFramingError.tooLarge(byteCount: 0xFFFF_FFFF, byteCountMax: 1000)) {
            try read([0, 0xFF, 0xFF, 0xFF, 0xFF])
        }
    }

    @Test func `a header alone holds nothing`() {
        var reader = GRPCFrameReader(messageBytesMax: 4 << 20)
        #expect(read([0, 0, 0x40, 0, 0], by: &reader).failure == nil)
        #expect(reader.pendingByteCount == 0)
    }

    @Test func `flags other than 0 are refused`() {
        #expect(throws: GRPCFramingError.compressed) { try read(Self.frame([1], flag: 1)) }
        #expect(throws: GRPCFramingError.unknownFlag(2)) { try read(Self.frame([1], flag: 2)) }
    }

    @Test func `nothing is read after a failure`() {
        var reader = GRPCFrameReader(messageBytesMax: 10)
        #expect(read(Self.frame([1], flag: 9) + Self.frame([1]), by: &reader).failure != nil)
        #expect(read(Self.frame([1]), by: &reader).messages.isEmpty)
        #expect(reader.pendingByteCount == 0)
    }

    @Test(arguments: [
        (nil, GRPCStatusCode.internal), ("identity", .internal), ("gzip", .unimplemented),
    ])
    func `compression without an encoding is the sender's mistake, with one our lack`(
        encoding: String?, code: GRPCStatusCode
    ) {
        #expect(GRPCFramingError.compressed.status(encoding: encoding).code == code)
    }
}
