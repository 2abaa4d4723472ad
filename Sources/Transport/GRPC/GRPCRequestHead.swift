/// What the header block of a request says, once it is known to be a gRPC request.
/// (gRPC over HTTP/2, "Requests".)
struct GRPCRequestHead: Hashable {
    /// Fully qualified name of the service.
    let service: String
    /// Name of the method, within the service.
    let method: String
    /// How long the client waits.
    let timeout: Duration?
    /// How messages may be compressed.
    let encoding: String?
    /// Everything that is not the protocol's own.
    let metadata: GRPCMetadata
}

/// Why a request is answered without anybody being asked.
enum GRPCRequestRefusal: Error, Hashable {
    /// It is not gRPC; an HTTP status says so.
    case http(Int)
    /// It is gRPC, but not good.
    case status(GRPCStatus)
}

extension GRPCRequestHead {
    /// Reads a header block.
    ///
    /// `te: trailers` is not insisted on: it only tells that no proxy in between drops trailers,
    /// and other servers do not ask for it either.
    init(_ headers: [HTTP2Header]) throws(GRPCRequestRefusal) {
        guard headers[":method"] == "POST" else { throw .http(405) }
        guard Self.isGRPC(headers["content-type"]) else { throw .http(415) }
        guard let (service, method) = Self.split(path: headers[":path"] ?? "") else {
            throw .status(GRPCStatus(.unimplemented, "path is not /SERVICE/METHOD"))
        }
        self.service = service
        self.method = method
        encoding = headers["grpc-encoding"]
        timeout = try Self.timeout(headers["grpc-timeout"])
        metadata = try Self.metadata(headers)
    }

    /// Protobuf is the default and the only message format here.
    static func isGRPC(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let type = contentType.lowercased().prefix { $0 != ";" && $0 != " " }
        return type == "application/grpc" || type == "application/grpc+proto"
    }

    private static func split(path: String) -> (service: String, method: String)? {
        guard path.hasPrefix("/"), let slash = path.dropFirst().lastIndex(of: "/") else {
            return nil
        }
        let service = path[path.index(after: path.startIndex)..<slash]
        let method = path[path.index(after: slash)...]
        guard !service.isEmpty, !method.isEmpty else { return nil }
        return (String(service), String(method))
    }

    private static func timeout(_ text: String?) throws(GRPCRequestRefusal) -> Duration? {
        guard let text else { return nil }
        guard let timeout = GRPCTimeout.parse(text) else {
            throw .status(GRPCStatus(.internal, "malformed grpc-timeout"))
        }
        return timeout
    }

    private static func metadata(
        _ headers: [HTTP2Header]
    ) throws(GRPCRequestRefusal) -> GRPCMetadata {
        do {
            return try GRPCMetadata(headers: headers)
        } catch {
            throw .status(GRPCStatus(.internal, "malformed metadata"))
        }
    }
}
