import Testing

@testable import Transport

/// Header blocks, of which each resembles the one before.
struct HTTP2HeaderBlockTests {
    private static func fields(_ pairs: [(String, String)]) -> [HTTP2Header] {
        pairs.map { HTTP2Header($0, $1) }
    }

    private static func collect(
        _ pairs: [(String, String)], in block: inout HTTP2HeaderBlock, upTo limit: Int = .max
    ) -> [HTTP2Header] {
        block.begin()
        for (name, value) in pairs {
            Array(name.utf8).withUnsafeBytes { name in
                Array(value.utf8).withUnsafeBytes {
                    block.append(name: name, value: $0, upTo: limit)
                }
            }
        }
        return block.finish()
    }

    @Test func `each block has its own fields and no others`() {
        let blocks = [
            [("a", "1"), ("b", "2"), ("c", "")], [("a", "1"), ("b", "3"), ("c", "")],
            [("a", "1")], [], [("a", "1"), ("b", "3")], [("b", "1"), ("a", "3")],
            [("a", String(repeating: "x", count: 5_000))], [("a", "1"), ("ab", "")],
            [("a", "1"), ("a", "b")], [("a", "2"), ("a", "c")],
        ]
        var block = HTTP2HeaderBlock()
        for pairs in blocks + blocks.reversed() {
            #expect(Self.collect(pairs, in: &block) == Self.fields(pairs))
        }
    }

    /// Whoever has read a block compares the next one with it.
    @Test func `fields are the same by their bytes, not by what they look like`() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        #expect(HTTP2Header("x-name", composed) != HTTP2Header("x-name", decomposed))
        #expect(HTTP2Header(composed, "") != HTTP2Header(decomposed, ""))
        #expect(HTTP2Header("x-name", composed) == HTTP2Header("x-name", composed))
    }

    @Test func `the same block again is the same array`() {
        var block = HTTP2HeaderBlock()
        let pairs = [(":path", "/cmdctl.v1.JobService/GetJob"), ("te", "trailers")]
        let first = Self.collect(pairs, in: &block)
        let second = Self.collect(pairs, in: &block)
        let isShared = first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { first.baseAddress == $0.baseAddress }
        }
        #expect(isShared)
    }

    @Test func `what is over the limit is counted, but not kept`() {
        var block = HTTP2HeaderBlock()
        let pairs = [("a", "1"), ("b", "2"), ("c", "3")]
        let fields = Self.collect(pairs, in: &block, upTo: 2 * (2 + HTTP2Header.overhead))
        #expect(fields == Self.fields(Array(pairs.prefix(2))))
        #expect(block.listSize == 3 * (2 + HTTP2Header.overhead))
    }

    @Test func `what it counts is what the protocol says`() {
        var block = HTTP2HeaderBlock()
        let fields = Self.collect([("ab", "c"), ("d", "")], in: &block)
        #expect(block.listSize == 68)
        #expect(fields.listSize == 68)
    }
}
