internal import Glibc

/// One field of a header block.
///
/// Names are lower-case; those that begin with `:` are HTTP/2's own.
struct HTTP2Header: Hashable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Whether both are made of the same bytes: text that looks the same need not be.
    static func == (first: Self, second: Self) -> Bool {
        isSame(first.name, second.name) && isSame(first.value, second.value)
    }

    private static func isSame(_ first: String, _ second: String) -> Bool {
        var second = second
        return second.withUTF8 { unsafe isText(first, UnsafeRawBufferPointer($0)) }
    }

    /// Whether the field is made of these bytes.
    func matches(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
        unsafe Self.isText(self.name, name) && Self.isText(self.value, value)
    }

    private static func isText(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let count = bytes.count
        guard text.utf8.count == count else { return false }
        return unsafe text.utf8.withContiguousStorageIfAvailable { text in
            guard let text = text.baseAddress, let bytes = bytes.baseAddress else { return true }
            return unsafe memcmp(text, bytes, count) == 0
        } ?? text.utf8.elementsEqual(bytes)
    }

    /// What a field counts against a header list limit, besides name and value. (RFC 9113, section
    /// 6.5.2.)
    static let overhead = 32
}

extension [HTTP2Header] {
    /// The value of the first field of that name.
    subscript(_ name: String) -> String? {
        first { $0.name == name }?.value
    }

    /// What they count against a header list limit.
    var listSize: Int {
        reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + HTTP2Header.overhead }
    }
}

/// Identifies a stream within its connection: odd numbers, given out by the client in order.
typealias HTTP2StreamID = Int32
