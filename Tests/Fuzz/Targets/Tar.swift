import TestSupport

@testable import ShimCore

/// Archives: what is read leads nowhere else, is no more than there is, and is the same however the
/// bytes come.
func fuzzTar(_ input: [UInt8]) {
    let whole = TarContents(of: input, atOnce: input.count)
    precondition(whole == TarContents(of: input, atOnce: 1), "pieces make a difference")
    precondition(whole.bytesRead <= UInt64(input.count), "more is read than there is")
    for (entry, content) in zip(whole.entries, whole.contents) {
        precondition(TarEntry.normalized(entry.path) == entry.path, "a path that leads out")
        precondition(!entry.path.contains(0), "a path with a NUL")
        precondition(entry.mode & ~0o1777 == 0, "a privilege of the owner's")
        precondition(entry.userID < 65_536 && entry.groupID < 65_536, "a user that no job has")
        precondition(content.count <= entry.size, "content that was not announced")
        if case .hardLink(let target) = entry.kind {
            precondition(TarEntry.normalized(target) == target, "a link that leads out")
        }
    }
    guard whole.problem == nil else { return }
    precondition(
        zip(whole.entries, whole.contents).allSatisfy { $0.size == $1.count },
        "content that is missing without a word")
}

/// All that an archive says, up to what is wrong with it.
private struct TarContents: Equatable {
    var entries: [TarEntry] = []
    var contents: [[UInt8]] = []
    var problem: TarReader.Problem?
    var bytesRead: UInt64 = 0

    init(of input: [UInt8], atOnce: Int) {
        var rest = input[...]
        var reader = TarReader { (buffer) throws(SystemError) in
            let piece = rest.prefix(min(atOnce, buffer.count))
            rest = rest.dropFirst(piece.count)
            buffer.copyBytes(from: piece)
            return piece.count
        }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
        defer { room.deallocate() }
        do throws(TarReader.Problem) {
            while let entry = try reader.next() {
                entries.append(entry)
                contents.append([])
                while case let count = try reader.readContent(into: room), count > 0 {
                    contents[contents.count - 1] += room.prefix(count)
                }
            }
        } catch {
            problem = error
        }
        bytesRead = reader.bytesRead
    }
}

var tarSeeds: [[UInt8]] {
    var kinds = TarArchive()
    kinds.add("./", type: "5", mode: "0000755")
    kinds.add("bin/tool", Array("program".utf8), mode: "0004755", user: "0001750")
    kinds.add("link", type: "2", link: "/bin/tool")
    kinds.add("other", type: "1", link: "./bin/tool")
    kinds.add("pipe", type: "6")
    kinds.add("disk", type: "4")
    var names = TarArchive()
    names.add("file", prefix: "a/b")
    names.addRecords([("path", "a/long/name"), ("uid", "70000"), ("mtime", "12.75"), ("size", "3")])
    names.add("short", Array("abc".utf8))
    names.addRecords([("linkpath", "a/long/name")])
    names.add("hard", type: "1", link: "x")
    names.add("././@LongLink", type: "L", Array("d/d/d/d/file".utf8) + [0])
    names.add("././@LongLink", type: "K", Array("d/d/d/d/target".utf8) + [0])
    names.add("short", type: "2", link: "x")
    var odd = TarArchive()
    odd.add("pax", type: "g", Array("11 mtime=1\n".utf8))
    odd.add("old/", type: "\0")
    odd.add("../out")
    return [kinds.finished, names.finished, odd.finished, []]
}
