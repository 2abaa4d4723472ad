import Testing

@testable import Jobs

/// Identifiers: their forms, and that they only grow, whatever clock and chance do.
@Suite struct JobIDTests {
    @Test func `text and bytes name the same identifier`() throws {
        let text = "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f506"
        let id = try #require(JobID(text))
        #expect(id.description == text)
        #expect(JobID(text.uppercased()) == id)
        #expect(JobID(bytes: id.bytes) == id)
        #expect(id.bytes.prefix(4) == [0x01, 0x92, 0xf3, 0xa4])
    }

    @Test(arguments: [
        "", "0192f3a4", "0192f3a45b6c7d8e9fa0b1c2d3e4f506", "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f50",
        "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f5066", "0192f3a4-5b6c-7d8e-9fa0_b1c2d3e4f506",
        "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f50g", "-192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f506",
    ]) func `anything else is no identifier`(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func `sixteen bytes, no more and no fewer`() {
        #expect(JobID(bytes: Array(repeating: 1, count: 15)) == nil)
        #expect(JobID(bytes: Array(repeating: 1, count: 17)) == nil)
    }

    @Test(arguments: [("0192", true), ("0192f3a4-5b", true), ("019", false), ("zzzz", false)])
    func `a prefix stands for a range`(prefix: String, isOne: Bool) throws {
        let range = JobID.range(ofPrefix: prefix)
        #expect((range != nil) == isOne)
        guard let range else { return }
        #expect(range.lowerBound.description.hasPrefix(prefix))
        #expect(range.upperBound.description.hasPrefix(prefix))
        #expect(range.upperBound.description.hasSuffix("ff"))
    }
}

@Suite struct JobIDMakerTests {
    private static let noEntropy = [UInt8](repeating: 0, count: JobIDMaker.entropyCount)
    private static let fullEntropy = [UInt8](repeating: 0xFF, count: JobIDMaker.entropyCount)

    @Test func `an identifier is a UUID version 7 of its millisecond`() {
        var maker = JobIDMaker()
        let id = maker.next(unixMilliseconds: 0x0192_f3a4_5b6c, entropy: Self.fullEntropy)
        #expect(id.description.hasPrefix("0192f3a4-5b6c-7"))
        #expect(["8", "9", "a", "b"].contains(id.description.dropFirst(19).first))
    }

    /// A clock as it should not be: standing still, jumping back, and on again.
    @Test(arguments: [noEntropy, fullEntropy])
    func `identifiers only grow`(entropy: [UInt8]) {
        var maker = JobIDMaker()
        let clock: [UInt64] = [5, 5, 5, 9, 3, 0, 9, 10, 10]
        let ids = clock.map { maker.next(unixMilliseconds: $0, entropy: entropy) }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
    }

    @Test func `a counter that runs over borrows from the next millisecond`() {
        var maker = JobIDMaker()
        // Nothing but the largest steps, from the largest beginning: 2³² of them fit into 2⁶².
        var last = maker.next(unixMilliseconds: 1, entropy: Self.fullEntropy)
        for _ in 0..<10_000 {
            let id = maker.next(unixMilliseconds: 1, entropy: Self.fullEntropy)
            #expect(id > last)
            last = id
        }
    }
}
