import ShimProtocol
import TestSupport
import Testing

@testable import ShimCore

/// What is read of a tar archive, and what is not believed; the archives are made by hand.
@Suite(.timeLimit(.minutes(10)))
struct TarReaderTests {
    /// Reads everything, a few bytes at a time.
    private func read(
        _ bytes: [UInt8], atOnce: Int = 100, byteCountMax: UInt64 = .max
    ) throws(TarReader.Problem) -> [(TarEntry, [UInt8])] {
        var rest = bytes[...]
        var reader = TarReader(
            { (buffer) throws(SystemError) in
                let piece = rest.prefix(min(atOnce, buffer.count))
                rest = rest.dropFirst(piece.count)
                buffer.copyBytes(from: piece)
                return piece.count
            }, byteCountMax: byteCountMax)
        var entries: [(TarEntry, [UInt8])] = []
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { room.deallocate() }
        while let entry = try reader.next() {
            var content: [UInt8] = []
            while case let count = try reader.readContent(into: room), count > 0 {
                content += room.prefix(count)
            }
            entries.append((entry, content))
        }
        try reader.drain()
        return entries
    }

    private func fault(of bytes: [UInt8], byteCountMax: UInt64 = .max) -> ArchiveFault? {
        do throws(TarReader.Problem) {
            _ = try read(bytes, byteCountMax: byteCountMax)
            return nil
        } catch {
            guard case .archive(let failure) = error else { return nil }
            return failure.fault
        }
    }

    private func fault(_ make: (inout TarArchive) -> Void) -> ArchiveFault? {
        var archive = TarArchive()
        make(&archive)
        return fault(of: archive.finished)
    }

    @Test func `entries of every kind are read`() throws {
        var archive = TarArchive()
        archive.add("./", type: "5", mode: "0000755")
        archive.add("./bin/tool", Array("program".utf8), mode: "0004755", user: "0001750")
        archive.add("link", type: "2", link: "/bin/tool")
        archive.add("other", type: "1", link: "./bin/tool")
        archive.add("pipe", type: "6")
        archive.add("disk", type: "4")
        let entries = try read(archive.finished)
        #expect(
            entries.map(\.0.kind) == [
                .directory, .file, .symbolicLink(target: Array("/bin/tool".utf8)),
                .hardLink(to: Array("bin/tool".utf8)), .namedPipe, .device,
            ])
        #expect(entries[0].0.path == [])
        #expect(entries[1].0.path == Array("bin/tool".utf8))
        #expect(entries[1].1 == Array("program".utf8))
        #expect(entries[1].0.userID == 1000)
        // What would lend a program its owner's privileges is gone.
        #expect(entries[1].0.mode == 0o755)
        #expect(entries[1].0.modifiedAt == 1_700_000_000)
    }

    @Test func `long names come in each of three ways`() throws {
        let long = String(repeating: "d/", count: 60) + "file"
        var archive = TarArchive()
        archive.add("file", prefix: "a/b")
        archive.addRecords([("path", long), ("uid", "70000"), ("mtime", "12.75")])
        archive.add("short")
        archive.add("././@LongLink", type: "L", Array(long.utf8) + [0])
        archive.add("short")
        let entries = try read(archive.finished).map(\.0)
        #expect(entries.map(\.path) == ["a/b/file", long, long].map { Array($0.utf8) })
        #expect(entries[1].userID == 65_534 && entries[1].modifiedAt == 12)
    }

    @Test func `a slash at the beginning means the root of the image`() throws {
        var archive = TarArchive()
        archive.add("/etc//./passwd")
        #expect(try read(archive.finished).map(\.0.path) == [Array("etc/passwd".utf8)])
    }

    @Test func `what leads out is refused`() {
        #expect(fault { $0.add("../evil") } == .leadsOut)
        #expect(fault { $0.add("a/../../evil") } == .leadsOut)
        #expect(fault { $0.add("x", type: "1", link: "../../etc/shadow") } == .leadsOut)
        #expect(
            fault {
                $0.addRecords([("path", "a/../b")])
                $0.add("x")
            } == .leadsOut)
    }

    @Test func `what is no archive, or none that can be trusted, is refused`() {
        #expect(fault(of: []) == .empty)
        #expect(fault(of: Array("just some text".utf8)) == .notAnArchive)
        #expect(fault(of: [UInt8](repeating: 65, count: 4096)) == .notAnArchive)
        #expect(fault { $0.add("holes", type: "S") } == .sparse)
        #expect(
            fault {
                $0.addRecords([("GNU.sparse.major", "1")])
                $0.add("holes")
            } == .sparse)
        #expect(fault { $0.add("what", type: "?") } == .damaged)
        #expect(fault { $0.add("big", size: "77777777777") } == .damaged)
        #expect(fault { $0.add("PaxHeaders/x", type: "x", Array("9 path".utf8)) } == .damaged)
        #expect(fault { $0.add("L", type: "L", size: "77777777777") } == .damaged)
    }

    @Test func `an archive that is cut anywhere is damaged, or ends early and says so`() throws {
        var archive = TarArchive()
        archive.addRecords([("path", "name")])
        archive.add("x", Array("content".utf8))
        archive.add("y", type: "5")
        let bytes = archive.finished
        // The first of the two blocks of zeros ends it.
        for count in stride(from: 0, to: bytes.count - 512, by: 7) {
            #expect(fault(of: Array(bytes.prefix(count))) != nil, "\(count)")
        }
        #expect(fault(of: bytes) == nil)
    }

    /// Headers that belong to no file, what follows the end, and a file of which nobody reads.
    @Test func `an archive is read no farther than it may be long`() {
        var headers = TarArchive()
        for _ in 0..<100 { headers.add("global", type: "g", Array("9 a=bcde\n".utf8)) }
        var long = TarArchive()
        long.add("file")
        let tail = long.finished + [UInt8](repeating: 0, count: 100_000)
        for bytes in [headers.finished, tail] {
            let size = UInt64(bytes.count)
            #expect(fault(of: bytes, byteCountMax: size - 1) == .tooLarge)
            #expect(fault(of: bytes, byteCountMax: size) != .tooLarge)
        }
    }

    @Test(arguments: 0..<200) func `damage is an error and never a trap`(seed: Int) throws {
        var archive = TarArchive()
        archive.addRecords([("path", "name"), ("size", "7")])
        archive.add("x", Array("content".utf8))
        archive.add("long", type: "L", Array("another".utf8))
        archive.add("y", type: "1", link: "name")
        var bytes = archive.finished
        for step in 1...3 {
            let place = (seed * 7919 * step) % bytes.count
            bytes[place] = UInt8(truncatingIfNeeded: seed &* 31 &+ step)
        }
        // Whatever it says, what comes out leads nowhere else.
        for (entry, _) in (try? read(bytes)) ?? [] {
            #expect(TarEntry.normalized(entry.path) == entry.path)
        }
    }

    @Test func `a report is read as it was written, and damage is noticed`() throws {
        let reports: [UnpackReport] = [
            .unpacked(byteCount: 1 << 40), .refused(.sparse, path: "a/b"),
            .failed(errno: 28, path: String(repeating: "x", count: 9000)),
        ]
        for report in reports {
            let bytes = report.encoded()
            #expect(bytes.count <= UnpackReport.encodedSizeMax)
            let read = try UnpackReport(decoding: bytes)
            if case .failed(let number, let path) = read {
                #expect(number == 28 && path.utf8.count == 3072)
            } else {
                #expect(read == report)
            }
            for count in 0..<bytes.count {
                #expect(throws: FormatError.self) {
                    try UnpackReport(decoding: Array(bytes.prefix(count)))
                }
            }
        }
    }
}
