import Glibc
import ShimCore
import ShimProtocol
import Simulator
import Testing

/// What goes in is what comes out: on a disk that fails in every way at any time, the log and the
/// gaps in the index together are all that was given, in order.
///
/// Each seed is a life of a writer. Every byte given is numbered, so the model need only know, for
/// every piece, how many bytes of its front the disk took: the rest must be in a gap right there.
struct OutputModelTests {
    /// What became of the output, as a reader sees it.
    private enum Piece: Equatable {
        case bytes(ArraySlice<UInt8>, StreamTag)
        case missing(UInt64)
    }

    @Test(arguments: 0..<40)
    func `the log and its gaps are what was given, in order`(hundred: Int) throws {
        for seed in hundred * 100..<(hundred + 1) * 100 {
            let disk = FaultyDisk(seed: seed)
            guard var writer = disk.makeWriter() else { continue }
            let given = give(to: &writer, of: disk, seed)
            guard (try? writer.finish(.specimen)) != nil else {
                #expect(!FaultyDisk.canReserve(seed: seed), "seed \(seed)")
                continue
            }
            try #require(taken(from: disk) == given, "seed \(seed)")
        }
    }

    /// Gives pieces to the writer, and says which bytes of them reached the log, and what is missing
    /// where.
    private func give(to writer: inout OutputWriter, of disk: FaultyDisk, _ seed: Int) -> [Piece] {
        var random = SeededGenerator(seed: UInt64(seed) + 1_000_000)
        var model: [Piece] = []
        var number: UInt32 = 0
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let stream = StreamTag.allCases.randomElement(using: &random) ?? .stdout
            let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                number += 1
                return UInt8(truncatingIfNeeded: number &* 2_654_435_761 >> 24)
            }
            let before = disk.bytesTaken
            bytes.withUnsafeBytes { writer.take($0, from: stream) }
            let count = disk.bytesTaken - before
            model.append(.bytes(bytes[..<count], stream))
            model.append(.missing(UInt64(bytes.count - count)))
        }
        return Self.normalized(model)
    }

    /// What a reader makes of the files.
    private func taken(from disk: FaultyDisk) -> [Piece] {
        let log = disk.files[FaultyDisk.log, default: []]
        var pieces: [Piece] = []
        var stream = StreamTag.stdout
        var position = 0
        for record in disk.records {
            let end: UInt64
            switch record {
            case .run(let offset, _, _): end = offset
            case .gap(let offset, _, _, _): end = offset
            case .end(let record): end = record.outputSize
            case .started, .neverRan: continue
            }
            pieces.append(.bytes(log[position..<Int(end)], stream))
            position = Int(end)
            if case .run(_, _, let next) = record { stream = next }
            if case .gap(_, _, let count, _) = record { pieces.append(.missing(count)) }
        }
        return Self.normalized(pieces)
    }

    /// Without what is empty, and with neighbours of one kind made one.
    private static func normalized(_ pieces: [Piece]) -> [Piece] {
        pieces.reduce(into: []) { result, piece in
            switch (result.last, piece) {
            case (_, .missing(0)), (_, .bytes([], _)): break
            case (.missing(let before)?, .missing(let count)):
                result[result.count - 1] = .missing(before + count)
            case (.bytes(let before, let last)?, .bytes(let bytes, let stream))
            where last == stream:
                result[result.count - 1] = .bytes(ArraySlice(Array(before) + bytes), stream)
            default: result.append(piece)
            }
        }
    }
}
