import Foundation
import Testing

/// Every input that once failed, and the seeds, go through their target again.
///
/// The goal is that a bug the fuzzer found stays found; the method is to run what `make fuzz` runs,
/// without a fuzzer, over Tests/Fuzz/corpus.
@Suite struct CorpusTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "corpus")

    @Test(arguments: FuzzTarget.allCases) func `what failed once does not fail again`(
        target: FuzzTarget
    ) throws {
        for file in try Self.files(of: target) { try target.run([UInt8](Data(contentsOf: file))) }
    }

    /// Sound input, and the same with each byte changed and cut off in turn: a fuzzer's first
    /// minute, and the same one each time.
    @Test(.timeLimit(.minutes(10)), arguments: FuzzTarget.allCases)
    func `seeds are read, whole or damaged`(target: FuzzTarget) throws {
        let seeds = target.seeds
        #expect(!seeds.isEmpty)
        for seed in seeds {
            try target.run(seed)
            let step = max(1, seed.count / 64)
            for place in stride(from: 0, to: seed.count, by: step) {
                var damaged = seed
                damaged[place] ^= 1 << UInt8(place % 8)
                try target.run(damaged)
                try target.run(Array(seed.prefix(place)))
            }
        }
    }

    @Test func `every folder is that of a target`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path())
        #expect(names.allSatisfy { FuzzTarget(rawValue: $0) != nil }, "\(names)")
    }

    /// None, for a target that never failed.
    private static func files(of target: FuzzTarget) throws -> [URL] {
        let folder = corpus.appending(path: target.rawValue)
        guard FileManager.default.fileExists(atPath: folder.path()) else { return [] }
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
    }
}
