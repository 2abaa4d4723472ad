/// Makes identifiers that only ever grow, from a clock and entropy that are handed in.
///
/// RFC 9562, section 6.2, method 2: within one millisecond the random part is counted up by a
/// random step, so the order of making is the order of sorting. A clock that is set back does not
/// take the identifiers with it; they go on counting from the latest millisecond seen.
struct JobIDMaker {
    private var milliseconds: UInt64 = 0
    /// The 74 random bits, of which 12 follow the version and 62 the variant.
    private var randomHigh: UInt64 = 0
    private var randomLow: UInt64 = 0

    /// Makes a maker whose identifiers are greater than `last`, whatever the clock says.
    init(after last: JobID? = nil) {
        guard let last else { return }
        milliseconds = last.unixMilliseconds
        randomHigh = last.high & 0xFFF
        randomLow = last.low & JobIDMaker.lowMask
    }

    /// How many random bytes each identifier needs.
    static let entropyCount = 10

    /// Makes the next identifier.
    ///
    /// - Parameters:
    ///   - unixMilliseconds: What the wall clock says.
    ///   - entropy: ``entropyCount`` random bytes.
    /// - Returns: An identifier greater than all before it.
    mutating func next(unixMilliseconds: UInt64, entropy: [UInt8]) -> JobID {
        precondition(entropy.count == JobIDMaker.entropyCount)
        if unixMilliseconds > milliseconds {
            begin(millisecond: unixMilliseconds, entropy: entropy)
        } else {
            advance(by: JobIDMaker.number(entropy[2..<6]) + 1)
        }
        return JobID(
            high: milliseconds << 16 | 0x7000 | randomHigh,
            low: 0b10 << 62 | randomLow)
    }

    /// Starts a millisecond; the topmost random bit stays 0, so that counting up has room.
    private mutating func begin(millisecond: UInt64, entropy: [UInt8]) {
        milliseconds = millisecond
        randomHigh = JobIDMaker.number(entropy[0..<2]) & 0x7FF
        randomLow = JobIDMaker.number(entropy[2..<10]) & JobIDMaker.lowMask
    }

    private mutating func advance(by step: UInt64) {
        randomLow += step
        guard randomLow > JobIDMaker.lowMask else { return }
        randomLow &= JobIDMaker.lowMask
        randomHigh += 1
        guard randomHigh > 0xFFF else { return }
        // The counter has run over: borrow a millisecond from the future.
        randomHigh = 0
        milliseconds += 1
    }

    private static let lowMask: UInt64 = (1 << 62) - 1

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
