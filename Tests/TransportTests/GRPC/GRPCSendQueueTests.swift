import Reactor
import Testing

@testable import Transport

/// Whatever the cuts, the bytes are those of the messages, and payloads are let go at their end.
struct GRPCSendQueueTests {
    /// Where payloads go that nobody holds any more.
    private let pool = BufferPool(bufferCapacity: 300, keptAtMost: 10)

    private func payload(_ bytes: [UInt8]) -> SharedBytes {
        let buffer = Buffer(capacity: 300)
        buffer.append(bytes)
        return SharedBytes(buffer, returningTo: pool)
    }

    @Test(arguments: [1, 2, 3, 5, 6, 7, 13, 1_000])
    func `messages are framed and cut anywhere`(piece: Int) {
        var queue = GRPCSendQueue()
        queue.append(GRPCMessage([]))
        queue.append(GRPCMessage([1, 2, 3]))
        queue.append(GRPCMessage(head: [4], payload: payload([5, 6])))
        queue.append(GRPCMessage(head: [], payload: payload([])))
        queue.append(GRPCMessage(head: [], payload: payload(Array(repeating: 7, count: 300))))
        let expected: [UInt8] =
            [0, 0, 0, 0, 0] + [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 3, 4, 5, 6]
            + [0, 0, 0, 0, 0] + [0, 0, 0, 1, 44] + Array(repeating: 7, count: 300)
        #expect(queue.byteCount == expected.count)
        let output = Buffer(capacity: 1_000)
        while queue.byteCount > 0 { queue.write(min(piece, queue.byteCount), into: output) }
        #expect(output.bytes == expected)
        #expect(queue.isEmpty)
        #expect(pool.keptCount == 3)
    }

    @Test func `what is forgotten is let go, too`() {
        var queue = GRPCSendQueue()
        for _ in 0..<3 {
            queue.append(GRPCMessage(head: [], payload: payload([1, 2, 3])))
        }
        queue.write(10, into: Buffer(capacity: 100))
        #expect(pool.keptCount == 1)
        queue.removeAll()
        #expect(pool.keptCount == 3)
        #expect(queue.byteCount == 0)
    }

    @Test func `a payload in two queues is written from its beginning in each`() {
        let shared = payload([1, 2, 3])
        var queues = [GRPCSendQueue(), GRPCSendQueue()]
        for index in queues.indices {
            queues[index].append(GRPCMessage(head: [], payload: shared))
        }
        let outputs = queues.indices.map { _ in Buffer(capacity: 100) }
        for (index, output) in outputs.enumerated() { queues[index].write(6, into: output) }
        for (index, output) in outputs.enumerated() {
            queues[index].write(2, into: output)
            #expect(output.bytes == [0, 0, 0, 0, 3, 1, 2, 3])
        }
    }
}
