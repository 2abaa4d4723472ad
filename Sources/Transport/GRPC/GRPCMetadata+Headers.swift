extension GRPCMetadata {
    /// Takes the custom pairs out of a header block.
    ///
    /// - Throws: if a value is not what its name promises.
    init(headers: [HTTP2Header]) throws(GRPCMetadataError) {
        self.init()
        for header in headers where Self.isName(header.name) {
            try append(header)
        }
    }

    /// Takes the custom pairs out of a header block, except for those that are malformed.
    init(lenientlyFrom headers: [HTTP2Header]) {
        self.init()
        for header in headers where Self.isName(header.name) {
            try? append(header)
        }
    }

    /// The pairs as they travel.
    var headers: [HTTP2Header] {
        pairs.map { pair in
            switch pair.value {
            case .text(let text): HTTP2Header(pair.name, text)
            case .binary(let bytes): HTTP2Header(pair.name, Base64.encode(bytes))
            }
        }
    }

    /// One header may carry several binary values, joined by commas on their way.
    private mutating func append(_ header: HTTP2Header) throws(GRPCMetadataError) {
        guard Self.isBinary(header.name) else {
            return try append(header.name, text: header.value)
        }
        for part in header.value.split(separator: ",", omittingEmptySubsequences: false) {
            guard let bytes = Base64.decode(part.filter { $0 != " " }) else {
                throw .invalidValue(name: header.name)
            }
            try append(header.name, binary: bytes)
        }
    }
}

extension [HTTP2Header] {
    /// These, and then the pairs; mostly there are none.
    func followed(by metadata: GRPCMetadata) -> [HTTP2Header] {
        metadata.pairs.isEmpty ? self : self + metadata.headers
    }
}
