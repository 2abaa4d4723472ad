/// What the header block of a request says, once it is known to be a gRPC request.
/// (gRPC over HTTP/2, "Requests".)
///
/// An object, because many calls may have the same one, some of them for days.
final class GRPCRequestHead {
    /// Service and method as `SERVICE/METHOD`.
    let path: String
    /// Fully qualified name of the service.
    var service: String { String(path[..<slash]) }
    /// Name of the method, within the service.
    var method: String { String(path[path.utf8.index(after: slash)...]) }
    private let slash: String.Index
    /// How long the client waits.
    let timeout: Duration?
    /// How messages may be compressed.
    let encoding: String?
    /// Everything that is not the protocol's own.
    let metadata: GRPCMetadata

    /// Reads a header block.
    ///
    /// `te: trailers` is not insisted on: it only tells that no proxy in between drops trailers,
    /// and other servers do not ask for it either.
    init(_ headers: [HTTP2Header]) throws(GRPCRequestRefusal) {
        guard headers[":method"] == "POST" else { throw .http(405) }
        guard Self.isGRPC(headers["content-type"]) else { throw .http(415) }
        guard let (path, slash) = Self.split(path: headers[":path"] ?? "") else {
            throw .status(GRPCStatus(.unimplemented, "path is not /SERVICE/METHOD"))
        }
        self.path = path
        self.slash = slash
        encoding = headers["grpc-encoding"]
        timeout = try Self.timeout(headers["grpc-timeout"])
        metadata = try Self.metadata(headers)
    }
}

/// Why a request is answered without anybody being asked.
enum GRPCRequestRefusal: Error, Hashable {
    /// It is not gRPC; an HTTP status says so.
    case http(Int)
    /// It is gRPC, but not good.
    case status(GRPCStatus)
}

extension GRPCRequestHead {
    /// Protobuf is the default and the only message format here.
    static func isGRPC(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        if contentType == "application/grpc" { return true }
        let type = contentType.lowercased().prefix { $0 != ";" && $0 != " " }
        return type == "application/grpc" || type == "application/grpc+proto"
    }

    /// The path without its first slash, and where the last one is.
    private static func split(path: String) -> (path: String, slash: String.Index)? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        let path = String(path.utf8.dropFirst()) ?? ""
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
            slash != path.startIndex, path.utf8.index(after: slash) != path.endIndex
        else { return nil }
        return (path, slash)
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
