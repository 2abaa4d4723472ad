import ShimProtocol

/// Reads a tar archive from front to back, believing nothing it says.
///
/// It does no I/O itself: bytes come from a closure, so that tests are tables.
package struct TarReader {
    /// Fills as much of the buffer as there is, and answers how much; 0 is the end.
    package typealias Source = (UnsafeMutableRawBufferPointer) throws(SystemError) -> Int

    /// The longest path there is on Linux, and more than enough for other extended headers.
    private static let extensionSizeMax: UInt64 = 1 << 20

    private let source: Source
    private let byteCountMax: UInt64
    private var contentLeft: UInt64 = 0
    private var paddingLeft: UInt64 = 0
    private var hasBegun = false

    /// Bytes of the archive read so far.
    private(set) var bytesRead: UInt64 = 0

    /// Reads at most `byteCountMax` bytes from `source`: a small archive, when its compression is
    /// undone, may be endless, and its headers and its end make no files that somebody would count.
    package init(_ source: @escaping Source, byteCountMax: UInt64 = .max) {
        self.source = source
        self.byteCountMax = byteCountMax
    }

    /// What became of a read: the source may fail, or the archive be no good.
    package enum Problem: Error, Equatable {
        case source(SystemError)
        case archive(TarFailure)
    }

    /// The next entry, nil at the end; what was not read of the last one's content is passed over.
    package mutating func next() throws(Problem) -> TarEntry? {
        try skip(contentLeft + paddingLeft)
        (contentLeft, paddingLeft) = (0, 0)
        var records = PaxRecords()
        while let header = try readHeader() {
            switch header.type {
            case UInt8(ascii: "x"):
                guard records.read(try readExtension(header)) else {
                    throw .archive(TarFailure(.damaged, at: header.name))
                }
            case UInt8(ascii: "L"): records.path = Self.untilNUL(try readExtension(header))
            case UInt8(ascii: "K"): records.linkTarget = Self.untilNUL(try readExtension(header))
            // Of the whole archive, and of no use to an image.
            case UInt8(ascii: "g"), UInt8(ascii: "V"): _ = try readExtension(header)
            default: return try entry(header, records)
            }
        }
        return nil
    }

    /// Reads content of the entry that was last answered; 0 at its end.
    package mutating func readContent(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(Problem) -> Int {
        let count = min(UInt64(buffer.count), contentLeft)
        guard count > 0 else { return 0 }
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(count)])
        let got = try read(into: part)
        guard got > 0 else { throw .archive(TarFailure(.damaged)) }
        contentLeft -= UInt64(got)
        return got
    }

    /// Reads what follows the end of the archive, so that whoever sends it is not cut off.
    package mutating func drain() throws(Problem) {
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while try fill(&block) > 0 {}
    }
}

// MARK: - Blocks

extension TarReader {
    /// Nil at the end of the archive: a block of zeros, or nothing more.
    private mutating func readHeader() throws(Problem) -> TarHeader? {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        let count = try fill(&block)
        guard count > 0 else {
            // An archive without its end may be half of one.
            throw .archive(TarFailure(hasBegun ? .damaged : .empty))
        }
        guard count == block.count else {
            throw .archive(TarFailure(hasBegun ? .damaged : .notAnArchive))
        }
        if TarHeader.isEnd(block) { return nil }
        guard let header = TarHeader(block) else {
            throw .archive(TarFailure(hasBegun ? .damaged : .notAnArchive))
        }
        hasBegun = true
        return header
    }

    private mutating func readExtension(_ header: TarHeader) throws(Problem) -> [UInt8] {
        guard let size = header.byteCount, size <= Self.extensionSizeMax else {
            throw .archive(TarFailure(.damaged, at: header.name))
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        guard try fill(&bytes) == bytes.count else {
            throw .archive(TarFailure(.damaged, at: header.name))
        }
        try skip(Self.padding(after: size))
        return bytes
    }

    private static func padding(after size: UInt64) -> UInt64 {
        (512 - size % 512) % 512
    }

    private static func untilNUL(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix { $0 != 0 })
    }

    private mutating func skip(_ count: UInt64) throws(Problem) {
        var left = count
        var block = [UInt8](repeating: 0, count: Int(min(count, 64 << 10)))
        while left > 0 {
            if left < UInt64(block.count) { block.removeLast(block.count - Int(left)) }
            guard try fill(&block) == block.count else { throw .archive(TarFailure(.damaged)) }
            left -= UInt64(block.count)
        }
    }

    /// Reads until the block is full or there is no more.
    private mutating func fill(_ block: inout [UInt8]) throws(Problem) -> Int {
        var filled = 0
        while filled < block.count {
            let result = block.withUnsafeMutableBytes { bytes in
                Result { () throws(Problem) in
                    try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
                }
            }
            let got = try result.get()
            guard got > 0 else { break }
            filled += got
        }
        return filled
    }

    private mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Problem) -> Int {
        let got: Int
        do throws(SystemError) {
            got = try source(buffer)
        } catch {
            throw .source(error)
        }
        bytesRead += UInt64(got)
        guard bytesRead <= byteCountMax else { throw .archive(TarFailure(.tooLarge)) }
        return got
    }
}

// MARK: - Entries

extension TarReader {
    private mutating func entry(
        _ header: TarHeader, _ records: PaxRecords
    ) throws(Problem) -> TarEntry {
        let name = records.path ?? header.name
        guard let path = TarEntry.normalized(name) else {
            throw .archive(TarFailure(.leadsOut, at: name))
        }
        guard !records.isSparse, header.type != UInt8(ascii: "S") else {
            throw .archive(TarFailure(.sparse, at: path))
        }
        guard let size = records.size ?? header.byteCount, size <= UInt64(Int64.max) / 2,
            let mode = header.mode, let user = records.userID ?? header.userID,
            let group = records.groupID ?? header.groupID
        else { throw .archive(TarFailure(.damaged, at: path)) }
        let kind = try kind(header, records, path)
        // Only files have content, whatever is said of the others.
        let content = kind == .file ? size : 0
        (contentLeft, paddingLeft) = (content, Self.padding(after: content))
        return TarEntry(
            kind: kind, path: path, mode: UInt32(mode & 0o1777), userID: Self.user(user),
            groupID: Self.user(group),
            modifiedAt: records.modifiedAt ?? Int64(clamping: header.modifiedAt ?? 0),
            size: content)
    }

    private func kind(
        _ header: TarHeader, _ records: PaxRecords, _ path: [UInt8]
    ) throws(Problem) -> TarEntry.Kind {
        let target = records.linkTarget ?? header.linkTarget
        switch header.type {
        // Before there was a type for directories, a slash at the end told them.
        case 0, UInt8(ascii: "0"):
            return (records.path ?? header.name).last == UInt8(ascii: "/") ? .directory : .file
        case UInt8(ascii: "7"): return .file
        case UInt8(ascii: "1"):
            guard let file = TarEntry.normalized(target), !file.isEmpty else {
                throw .archive(TarFailure(.leadsOut, at: path))
            }
            return .hardLink(to: file)
        case UInt8(ascii: "2"):
            guard !target.isEmpty else { throw .archive(TarFailure(.damaged, at: path)) }
            return .symbolicLink(target: target)
        case UInt8(ascii: "3"), UInt8(ascii: "4"): return .device
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .namedPipe
        default: throw .archive(TarFailure(.damaged, at: path))
        }
    }

    /// A job has users up to 65,535, of which 65,534 stands for whom it does not know.
    private static func user(_ number: UInt64) -> UInt32 {
        number < 65_536 ? UInt32(number) : 65_534
    }
}
