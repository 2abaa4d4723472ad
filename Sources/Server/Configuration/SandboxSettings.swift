import Jobs

/// What the operator decides about jobs that are kept apart from the host.
struct SandboxSettings: Equatable {
    /// The first of the host's users that jobs may have for their own.
    let subIDBase: UInt32
    /// What a job may write outside its output, in bytes; it is memory.
    let scratchBytes: UInt64

    init(_ sources: Sources) throws(ConfigurationError) {
        let bases = Self.bases
        subIDBase = try sources.parsed(
            .subIDBase, as: "a whole number from \(bases.lowerBound) to \(bases.upperBound)"
        ) { text in
            Quantity.count(text).flatMap { UInt32(exactly: $0) }
                .flatMap { bases.contains($0) ? $0 : nil }
        }
        scratchBytes = try sources.parsed(.scratchMax, as: "a size of at least 1M, as 512M") {
            UInt64(parsingBytes: $0).flatMap { $0 >= Self.scratchBytesMin ? $0 : nil }
        }
    }

    /// Above the users that hosts have, and such that the last range is still below 2³¹, beyond which
    /// some programs take a user for negative.
    private static let bases: ClosedRange<UInt32> = 65_536...JobLimits().subIDBase

    /// A few files and the directories that every job has.
    private static let scratchBytesMin: UInt64 = 1 << 20
}

extension JobLimits {
    /// Takes in what the operator decides.
    mutating func obey(_ settings: SandboxSettings) {
        (subIDBase, scratchBytes) = (settings.subIDBase, settings.scratchBytes)
    }
}
