/// What a header block from the server means to a call. (gRPC over HTTP/2, "Responses".)
enum GRPCResponseBlock: Hashable {
    /// An interim answer (1xx): nothing yet.
    case interim
    /// Messages follow, compressed in this way if at all.
    case initial(GRPCMetadata, encoding: String?)
    /// This is how it ended.
    case trailers(GRPCStatus, GRPCMetadata)
    /// Not an answer of a gRPC server: something in between, or something else, has spoken.
    case foreign(GRPCStatus)

    init(_ headers: [HTTP2Header], endsStream: Bool) {
        let httpStatus = headers[":status"].map { Int($0) ?? 0 }
        if let httpStatus, (100...199).contains(httpStatus) {
            self = .interim
        } else if endsStream {
            self = Self.last(headers, httpStatus: httpStatus)
        } else if let failure = Self.failure(headers, httpStatus: httpStatus ?? 0) {
            self = .foreign(failure)
        } else {
            self = .initial(
                GRPCMetadata(lenientlyFrom: headers), encoding: headers["grpc-encoding"])
        }
    }

    /// The block that ends the stream, which may also be the first one.
    private static func last(_ headers: [HTTP2Header], httpStatus: Int?) -> GRPCResponseBlock {
        if let status = GRPCStatus(headers: headers) {
            return .trailers(status, GRPCMetadata(lenientlyFrom: headers))
        }
        if let httpStatus, let failure = failure(headers, httpStatus: httpStatus) {
            return .foreign(failure)
        }
        return .foreign(GRPCStatus(.unknown, "the server sent no grpc-status"))
    }

    private static func failure(_ headers: [HTTP2Header], httpStatus: Int) -> GRPCStatus? {
        guard httpStatus == 200 else {
            let code = GRPCStatusCode(httpStatus: httpStatus)
            return GRPCStatus(code, "the server answered with HTTP status \(httpStatus)")
        }
        guard GRPCRequestHead.isGRPC(headers["content-type"]) else {
            let type = headers["content-type"] ?? "none"
            return GRPCStatus(.unknown, "the answer has content-type \(type), not application/grpc")
        }
        return nil
    }
}
