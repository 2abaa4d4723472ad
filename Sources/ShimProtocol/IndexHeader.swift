/// The first 64 bytes of an index file.
///
/// The shim writes it before anything else. A file that is shorter belongs to a job whose shim
/// has not come that far.
package struct IndexHeader: Equatable, Sendable {
    /// How many bytes a header has; the first record follows.
    package static let size = 64
    /// The layout of header and records written by this build; docs/FORMATS.md describes it.
    package static let version: UInt16 = 1

    private static let magic: [UInt8] = Array("CMDINDX\n".utf8)

    /// The job's identifier, 16 bytes as a UUID has them.
    package var jobID: [UInt8]
    /// The offset of the first byte of the log that is kept.
    package var head: UInt64
    /// When the file was begun, in nanoseconds since the Unix epoch.
    package var createdNanoseconds: Int64
    /// The PID of the shim, 0 if that is not known.
    ///
    /// It leads a later life of the daemon to the shim. That the shim lives is told by its lock on
    /// the file, and by nothing else: the PID of a dead one may be another process's by now.
    package var shimPID: Int32
    /// The number of the first record that is kept, apart from those in the file's first
    /// ``firstBlockSize`` bytes, which always are.
    ///
    /// Zero as long as all of them are kept.
    package var firstRecord: UInt64

    /// So much of the front of the file is never given up: the header, the `started` record, and
    /// what lies in the same block with them.
    package static let firstBlockSize: UInt64 = 4096

    package init(
        jobID: [UInt8], head: UInt64, createdNanoseconds: Int64, shimPID: Int32 = 0,
        firstRecord: UInt64 = 0
    ) {
        precondition(jobID.count == 16)
        self.jobID = jobID
        self.head = head
        self.createdNanoseconds = createdNanoseconds
        self.shimPID = shimPID
        self.firstRecord = firstRecord
    }

    /// The 64 bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(raw: Self.magic)
        writer.append(Self.version)
        writer.append(UInt16(Self.size))
        writer.append(UInt16(IndexRecord.size))
        writer.append(UInt16(0))
        writer.append(raw: jobID)
        writer.append(head)
        writer.append(createdNanoseconds)
        writer.append(shimPID)
        writer.append(firstRecord)
        return writer.sealed()
    }

    /// Reads a header; bytes after its 64 are ignored.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes.prefix(Self.size))
        guard try reader.raw(count: Self.magic.count).elementsEqual(Self.magic) else {
            throw .wrongMagic
        }
        let version = try reader.integer(UInt16.self)
        guard version == Self.version else { throw .unsupportedVersion(version) }
        guard bytes.count >= Self.size else { throw .truncated }
        _ = try ByteReader.unsealed(Array(bytes.prefix(Self.size)))
        _ = try reader.raw(count: 6)
        self.init(
            jobID: Array(try reader.raw(count: 16)), head: try reader.offset("head"),
            createdNanoseconds: try reader.integer(), shimPID: try reader.integer(),
            firstRecord: try reader.recordNumber())
    }
}
