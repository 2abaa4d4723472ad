// Ways in which bytes go wrong, for tests that every one of them is noticed.

extension [UInt8] {
    /// Every array that differs from this one in a single bit.
    var withOneBitFlipped: [[UInt8]] {
        indices.flatMap { index in
            (0..<8).map { bit in
                var copy = self
                copy[index] ^= 1 << UInt8(bit)
                return copy
            }
        }
    }

    /// Every shorter front of this one, the empty one included.
    var truncations: [[UInt8]] {
        indices.map { Array(prefix($0)) }
    }
}
