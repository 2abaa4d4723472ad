import Glibc
import Reactor
import ShimProtocol
import TestSupport
import Testing

@testable import ShimCore

/// What becomes of archives and of what is removed, on a real disk: each errand in a process of its
/// own, because such work is done in the working directory.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10)))
struct ImageFilesTests {
    private struct Unexpected: Error {
        let what: String
    }

    private func errand(_ name: String, _ body: () throws -> Void) throws {
        let directory = try ScratchDirectory()
        defer { try? run(["/bin/rm", "-rf", directory.path]) }
        let process = try SeparateProcess(name, in: Self.self, about: directory.path) { path in
            try demand(chdir(path) == 0, "\(path) cannot be entered")
            try body()
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    private func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard !holds else { return }
        throw Unexpected(what: what())
    }

    // MARK: Unpacking

    private func unpack(
        _ bytes: [UInt8], bytesMax: UInt64 = 1 << 30, entriesMax: UInt64 = 1000
    ) -> UnpackReport {
        var rest = bytes[...]
        var unpacker = ImageUnpacker(
            { (buffer) throws(SystemError) in
                let piece = rest.prefix(buffer.count)
                rest = rest.dropFirst(piece.count)
                buffer.copyBytes(from: piece)
                return piece.count
            }, bounds: ImageUnpacker.Bounds(byteCountMax: bytesMax, entryCountMax: entriesMax))
        return unpacker.run()
    }

    /// A file in the last of ten directories that have no entries of their own.
    private var nested: [UInt8] {
        var archive = TarArchive()
        archive.add(String(repeating: "d/", count: 10) + "file")
        return archive.finished
    }

    @Test func `directories that an archive only implies count as others do`() throws {
        try errand("few") {
            let report = unpack(nested, entriesMax: 10)
            try demand(report == .refused(.tooManyFiles, path: ""), "\(report)")
        }
        try errand("small") {
            let report = unpack(nested, bytesMax: 11 * 4096 - 1)
            try demand(report == .refused(.tooLarge, path: ""), "\(report)")
        }
        try errand("enough") {
            let report = unpack(nested, bytesMax: 11 * 4096, entriesMax: 11)
            try demand(report == .unpacked(byteCount: 11 * 4096), "\(report)")
        }
    }

    // MARK: Removing

    private func remove(_ name: String) throws {
        var remover = TreeRemover(removing: name)
        try remover.run()
    }

    /// A crash leaves what was moved up beside what was not come to yet.
    @Test func `what a crash has left of a removal is removed at once`() throws {
        try errand("again") {
            for path in [
                ".x", ".x/a", ".x/a/b", ".x/a/b/c", ".x.part1", ".x.part1/d", ".x.part2",
                ".x.part2/e",
            ] {
                try demand(mkdir(path, 0o700) == 0, path)
            }
            for name in [".x", ".x.part1", ".x.part2"] { try remove(name) }
            let left = try LinuxKernel().list(".")
            try demand(left.isEmpty, "\(left)")
        }
    }
}
