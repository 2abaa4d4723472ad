/// Collects the fields of a header block; nghttp2 never interleaves two of them.
///
/// A client asks for much the same again and again. So the fields of the last block are kept, and
/// those that have not changed are not made anew; where none has, the array is the same one, by
/// which whoever has read it before knows it at once.
struct HTTP2HeaderBlock {
    private var fields: [HTTP2Header] = []
    /// How many of the fields belong to this block.
    private var count = 0

    /// What the block counts against a header list limit. (RFC 9113, section 6.5.2.)
    private(set) var listSize = 0

    mutating func begin() {
        count = 0
        listSize = 0
    }

    /// Takes a field in, unless it makes the block larger than the limit.
    mutating func append(
        name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, upTo listSizeMax: Int
    ) {
        listSize += name.count + value.count + HTTP2Header.overhead
        guard listSize <= listSizeMax else { return }
        defer { count += 1 }
        if count < fields.count, unsafe fields[count].matches(name: name, value: value) { return }
        let field = unsafe HTTP2Header(
            String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        if count < fields.count {
            fields[count] = field
        } else {
            fields.append(field)
        }
    }

    /// The fields, now that all are there.
    mutating func finish() -> [HTTP2Header] {
        if count < fields.count { fields.removeSubrange(count...) }
        defer { if listSize > HTTP2Limits.headerListBytesKept { fields = [] } }
        return fields
    }
}
