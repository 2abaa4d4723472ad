import Glibc
package import ShimProtocol

/// The index, to which records are appended.
package struct IndexFile {
    /// Space is set aside in steps of what most file systems give out at a time.
    private static let reserveStep: UInt64 = 4096
    /// For a last gap, and for the end.
    static let roomForEnd = UInt64(2 * IndexRecord.size)

    private let storage: any ShimStorage
    private let descriptor: Int32
    private var header: IndexHeader
    /// Whether a failed write may have left the header half new.
    private var isHeaderTorn = false
    /// Where the next record goes.
    private(set) var position: UInt64 = 0
    private var reservedEnd: UInt64 = 0

    /// Begins the file with its header.
    package init(
        storage: any ShimStorage, descriptor: Int32, header: IndexHeader
    ) throws(SystemError) {
        self.storage = storage
        self.descriptor = descriptor
        self.header = header
        try makeRoom(for: IndexHeader.size)
        try append(header.encoded())
    }

    /// Appends a record and still leaves room for the last ones: a full disk must not keep a job
    /// from having ended.
    mutating func append(_ record: IndexRecord) throws(SystemError) {
        try makeRoom(for: IndexRecord.size)
        try append(record.encoded())
    }

    /// Appends one of the last records, into the room that was kept for them.
    mutating func appendLast(_ record: IndexRecord) throws(SystemError) {
        try append(record.encoded())
    }

    /// Says that the log is no longer kept below `head`; readers look here after they have read.
    mutating func publish(head: UInt64) throws(SystemError) {
        header.head = head
        isHeaderTorn = true
        try makeHeaderWhole()
    }

    /// Writes the header again if the last try may have left it half new: nobody could read the log.
    mutating func makeHeaderWhole() throws(SystemError) {
        guard isHeaderTorn else { return }
        try write(header.encoded(), at: 0)
        isHeaderTorn = false
    }

    /// The number that the next record will have.
    var nextRecord: UInt64 {
        (position - UInt64(IndexHeader.size)) / UInt64(IndexRecord.size)
    }

    /// Says that log and index are no longer kept below these places.
    mutating func publish(head: UInt64, firstRecord: UInt64) throws(SystemError) {
        header.firstRecord = firstRecord
        try publish(head: head)
    }

    /// Gives the space of the records back that the header says are not kept.
    func punch() throws(SystemError) {
        let end = UInt64(IndexHeader.size) + header.firstRecord * UInt64(IndexRecord.size)
        guard end > IndexHeader.firstBlockSize else { return }
        try storage.punch(IndexHeader.firstBlockSize..<end, of: descriptor)
    }

    func synchronize(withinNanoseconds patience: Int64) throws(SystemError) {
        try storage.synchronize(descriptor, withinNanoseconds: patience)
    }

    private mutating func makeRoom(for count: Int) throws(SystemError) {
        let end = position + UInt64(count) + Self.roomForEnd
        // Space can be set aside beyond the limit, but it cannot be written to.
        guard end <= storage.fileSizeLimit else { throw SystemError(number: EFBIG) }
        guard end > reservedEnd else { return }
        do throws(SystemError) {
            try storage.reserve(Int(Self.reserveStep), in: descriptor, at: reservedEnd)
            reservedEnd += Self.reserveStep
        } catch {
            // Without fallocate(2), as on NFS before 4.2, there is only hope.
            guard error.isUnsupported else { throw error }
            reservedEnd = .max
        }
    }

    /// Moves on only when all is written: what a failed write left is overwritten by the next.
    private mutating func append(_ bytes: [UInt8]) throws(SystemError) {
        try write(bytes, at: position)
        position += UInt64(bytes.count)
    }

    private func write(_ bytes: [UInt8], at offset: UInt64) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = try storage.write(
                bytes.dropFirst(written), to: descriptor, at: offset + UInt64(written))
            guard count > 0 else { throw SystemError(number: EIO) }
            written += count
        }
    }
}

extension ShimStorage {
    fileprivate func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, at offset: UInt64
    ) throws(SystemError) -> Int {
        try Array(bytes).withUnsafeBufferPointer { (buffer) throws(SystemError) in
            try write(UnsafeRawBufferPointer(buffer), to: descriptor, at: offset)
        }
    }
}
