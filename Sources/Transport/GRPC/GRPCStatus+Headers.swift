extension GRPCStatus {
    /// A sentence longer than this is for a log, not for a header that a proxy may refuse.
    private static let messageBytesMax = 2 << 10

    /// Details over this are left out: the status arrives without them rather than not at all,
    /// since many clients take header lists of at most 16 KiB.
    private static let detailsBytesMax = 6 << 10

    /// The trailers that carry this status. (gRPC over HTTP/2, "Responses".)
    var headers: [HTTP2Header] {
        if code == .ok, message.isEmpty, details == nil { return GRPCResponseHeaders.success }
        var headers = [HTTP2Header("grpc-status", String(code.rawValue))]
        if !message.isEmpty {
            let encoded = PercentEncoding.encode(message, byteCountMax: Self.messageBytesMax)
            headers.append(HTTP2Header("grpc-message", encoded))
        }
        if let details, details.count <= Self.detailsBytesMax {
            headers.append(HTTP2Header("grpc-status-details-bin", Base64.encode(details)))
        }
        return headers
    }

    /// Reads the status from trailers; nil when they carry none.
    init?(headers: [HTTP2Header]) {
        guard let code = headers["grpc-status"].flatMap(GRPCStatusCode.init(wireValue:)) else {
            return nil
        }
        self.init(
            code, PercentEncoding.decode(headers["grpc-message"] ?? ""),
            details: headers["grpc-status-details-bin"].flatMap { Base64.decode($0) })
    }
}

/// The header blocks with which a server answers.
enum GRPCResponseHeaders {
    /// Before the first message.
    static let initial = [
        HTTP2Header(":status", "200"),
        HTTP2Header("content-type", "application/grpc"),
        HTTP2Header("grpc-accept-encoding", "identity"),
    ]

    /// After the last message, when there is nothing more to say.
    static let success = [HTTP2Header("grpc-status", "0")]

    /// Instead of any message: head and trailers in one block.
    static func trailersOnly(_ status: GRPCStatus) -> [HTTP2Header] {
        initial + status.headers
    }

    /// For what is not gRPC at all.
    static func http(_ status: Int) -> [HTTP2Header] {
        [HTTP2Header(":status", String(status))]
    }
}
