/// Chance that repeats itself: the same seed gives the same numbers on every machine.
///
/// The generator is SplitMix64 (Steele, Lea, Flood, 2014): a counter and a mixing function.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var counter: UInt64

    /// Starts from a seed.
    package init(seed: UInt64) {
        counter = seed
    }

    /// The next number.
    package mutating func next() -> UInt64 {
        counter &+= 0x9E37_79B9_7F4A_7C15
        var mixed = counter
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True in that share of all cases.
    package mutating func happens(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &self) < probability
    }
}
