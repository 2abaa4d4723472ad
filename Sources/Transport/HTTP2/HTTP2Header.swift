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

    /// What a field counts against a header list limit, besides name and value. (RFC 9113, section
    /// 6.5.2.)
    static let overhead = 32
}

extension [HTTP2Header] {
    /// The value of the first field of that name.
    subscript(_ name: String) -> String? {
        first { $0.name == name }?.value
    }
}

/// Identifies a stream within its connection: odd numbers, given out by the client in order.
typealias HTTP2StreamID = Int32
