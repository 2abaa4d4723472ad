import Reactor
import Testing

@testable import Transport

/// Whatever the cuts, the bytes are those of the messages, and payloads go back at their end.
struct GRPCSendQueueTests {
    private static func payload(_ bytes: [UInt8]) -> Buffer {
        let buffer = Buffer(capacity: max(bytes.count, 1))
        buffer.append(bytes)
        return buffer
    }

    @Test(arguments: [1, 2, 3, 5, 6, 7, 13, 1_000])
    func `messages are framed and cut anywhere`(piece: Int) {
        var queue = GRPCSendQueue()
        var givenBack = 0
        queue.append(GRPCMessage([]))
        queue.append(GRPCMessage([1, 2, 3]))
        queue.append(GRPCMessage(head: [4], payload: Self.payload([5, 6])) { _ in givenBack += 1 })
        queue.append(GRPCMessage(head: [], payload: Self.payload([])) { _ in givenBack += 1 })
        queue.append(
            GRPCMessage(head: [], payload: Self.payload(Array(repeating: 7, count: 300))) { _ in
                givenBack += 1
            })
        let expected: [UInt8] =
            [0, 0, 0, 0, 0] + [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 3, 4, 5, 6]
            + [0, 0, 0, 0, 0] + [0, 0, 0, 1, 44] + Array(repeating: 7, count: 300)
        #expect(queue.byteCount == expected.count)
        let output = Buffer(capacity: 1_000)
        while queue.byteCount > 0 { queue.write(min(piece, queue.byteCount), into: output) }
        #expect(output.bytes == expected)
        #expect(queue.isEmpty)
        #expect(givenBack == 3)
    }

    @Test func `what is forgotten goes back too, once`() {
        var queue = GRPCSendQueue()
        var givenBack = 0
        for _ in 0..<3 {
            queue.append(
                GRPCMessage(head: [], payload: Self.payload([1, 2, 3])) { _ in givenBack += 1 })
        }
        queue.write(10, into: Buffer(capacity: 100))
        #expect(givenBack == 1)
        queue.removeAll()
        #expect(givenBack == 3)
        #expect(queue.byteCount == 0)
        queue.removeAll()
        #expect(givenBack == 3)
    }
}
