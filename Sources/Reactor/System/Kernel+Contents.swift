extension Kernel {
    /// The whole of a small file, such as those of procfs, whose size cannot be asked beforehand.
    ///
    /// - Parameters:
    ///   - path: Which file.
    ///   - sizeMax: Where reading ends, even if the file does not.
    /// - Returns: The first `sizeMax` bytes, or all if there are fewer.
    /// - Throws: Why the file cannot be opened or read.
    package func contents(of path: String, sizeMax: Int) throws(Errno) -> [UInt8] {
        let file = try openFile(path, flags: .readOnly)
        let raw = file.raw
        let content = Buffer(capacity: min(sizeMax, 16 * 1024))
        while content.readableCount < sizeMax {
            content.reserve(min(sizeMax - content.readableCount, 16 * 1024))
            let offset = UInt64(content.readableCount)
            let count = try unsafe content.withWritableBytes { bytes throws(Errno) in
                try unsafe readFileNow(raw, at: offset, into: bytes)
            }
            guard count > 0 else { break }
            content.commit(count)
        }
        return Array(content.bytes.prefix(sizeMax))
    }
}
