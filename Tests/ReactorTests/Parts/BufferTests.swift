import Reactor
import TestSupport
import Testing

/// The bytes operations read and write.
@Suite struct BufferTests {
    @Test func `bytes come out as they went in`() {
        let buffer = Buffer(capacity: 8)
        buffer.append(Array("abc".utf8))
        #expect(buffer.readableCount == 3 && buffer.writableCount == 5)
        buffer.consume(1)
        #expect(buffer.text == "bc" && buffer.writableCount == 5)
        let written = buffer.withWritableBytes { bytes in
            bytes[0] = UInt8(ascii: "d")
            return 1
        }
        buffer.commit(written)
        #expect(buffer.text == "bcd")
    }

    @Test func `an emptied buffer starts over`() {
        let buffer = Buffer("abc")
        buffer.consume(3)
        #expect(buffer.readableCount == 0 && buffer.writableCount == 3)
    }

    @Test(arguments: [1, 3, 5, 6, 100])
    func `reserving keeps what is there, and moves before it grows`(count: Int) {
        let buffer = Buffer(capacity: 8)
        buffer.append(Array("abcdefgh".utf8))
        buffer.consume(5)
        buffer.reserve(count)
        #expect(buffer.text == "fgh" && buffer.writableCount >= count)
        #expect((buffer.capacity == 8) == (count <= 5))
    }

    @Test func `a pool gives back what it got, up to its bound`() {
        let pool = BufferPool(bufferCapacity: 16, keptAtMost: 1)
        let (first, second, grown) = (pool.take(), pool.take(), pool.take())
        first.append([1, 2, 3])
        grown.reserve(100)
        for buffer in [grown, first, second] { pool.giveBack(buffer) }
        #expect(pool.keptCount == 1)
        let reused = pool.take()
        #expect(reused === first && reused.readableCount == 0)
    }
}
