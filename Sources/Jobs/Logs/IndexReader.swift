import Reactor
import ShimProtocol

/// What can be asked of an open index at once: its header, its length and its last record.
struct IndexReader {
    let raw: Int32
    let kernel: any Kernel

    /// Of an index whose end is damaged no more is looked through than this: 64 KiB.
    private let tornRecordsMax: UInt64 = 1024

    /// Where in the index a record stands.
    static func position(ofRecord number: UInt64) -> UInt64 {
        UInt64(IndexHeader.size) + number * UInt64(IndexRecord.size)
    }

    /// How many whole records the index has at this moment.
    func recordCount() throws(Errno) -> UInt64 {
        let size = try kernel.status(of: raw).size
        let header = UInt64(IndexHeader.size)
        return size < header ? 0 : (size - header) / UInt64(IndexRecord.size)
    }

    /// What is kept of log and index.
    struct Kept {
        /// The offset of the first byte of the log.
        var head: UInt64 = 0
        /// The number of the first record to search from.
        var firstRecord: UInt64 = 0
    }

    /// What is kept at this moment, or what is wrong with the header.
    ///
    /// A file without a whole header belongs to a job that has not written anything.
    func kept() throws(Errno) -> Result<Kept, FormatError> {
        var bytes = try read(at: 0, count: IndexHeader.size)
        guard bytes.count == IndexHeader.size else { return .success(Kept()) }
        do {
            return .success(Kept(try IndexHeader(decoding: bytes)))
        } catch {
            // A header that is just being rewritten may be seen half new; a second look sees it
            // whole.
            bytes = try read(at: 0, count: IndexHeader.size)
        }
        return Result { () throws(FormatError) in Kept(try IndexHeader(decoding: bytes)) }
    }

    /// The version of the index if it is one that this daemon does not know, and must not touch.
    func unknownVersion() throws(Errno) -> UInt16? {
        let bytes = try read(at: 0, count: IndexHeader.size)
        do throws(FormatError) {
            _ = try IndexHeader(decoding: bytes)
            return nil
        } catch .unsupportedVersion(let version) {
            return version
        } catch {
            return nil
        }
    }

    /// The header; nil when the file is too short for one, or it is damaged.
    func header() throws(Errno) -> IndexHeader? {
        try? IndexHeader(decoding: try read(at: 0, count: IndexHeader.size))
    }

    /// The last record, whatever it is about.
    ///
    /// Nil: there is none, it is damaged, or its layout is another version's.
    func lastRecord() throws(Errno) -> IndexRecord? {
        let count = try recordCount()
        guard count > 0, try unknownVersion() == nil else { return nil }
        return try record(count - 1)
    }

    /// The record of that number, from 0; nil when there is none, or it is damaged.
    func record(_ number: UInt64) throws(Errno) -> IndexRecord? {
        let position = IndexReader.position(ofRecord: number)
        return IndexRecord(decoding: try read(at: position, count: IndexRecord.size))
    }

    /// The offset of the last whole record that has one: all bytes before it were written once.
    func lastOffset() throws(Errno) -> UInt64 {
        let count = try recordCount()
        for number in (count - min(count, tornRecordsMax)..<count).reversed() {
            switch try record(number) {
            case .run(let offset, _, _): return offset
            case .gap(let offset, _, _, _): return offset
            case .end(let record): return record.outputSize
            case .started, .neverRan, nil: continue
            }
        }
        return 0
    }

    private func read(at offset: UInt64, count: Int) throws(Errno) -> [UInt8] {
        let buffer = Buffer(capacity: count)
        while buffer.writableCount > 0 {
            let position = offset + UInt64(buffer.readableCount)
            let size = try buffer.withWritableBytes { bytes throws(Errno) in
                try kernel.readFileNow(raw, at: position, into: bytes)
            }
            // A read may be short; only at the end of the file it brings nothing.
            guard size > 0 else { break }
            buffer.commit(size)
        }
        return buffer.bytes
    }
}

extension IndexReader.Kept {
    fileprivate init(_ header: IndexHeader) {
        self.init(head: header.head, firstRecord: header.firstRecord)
    }
}
