import Testing

@testable import Transport

/// What a server's, or a proxy's, header block means.
struct GRPCResponseBlockTests {
    static func block(_ pairs: [(String, String)], endsStream: Bool) -> GRPCResponseBlock {
        GRPCResponseBlock(pairs.map { HTTP2Header($0.0, $0.1) }, endsStream: endsStream)
    }

    @Test func `an interim answer is nothing yet`() {
        #expect(Self.block([(":status", "103")], endsStream: false) == .interim)
    }

    @Test(arguments: ["application/grpc", "application/grpc+proto", "Application/gRPC; a=b"])
    func `an answer begins`(contentType: String) throws {
        var metadata = GRPCMetadata()
        try metadata.append("x-id", text: "7")
        let block = Self.block(
            [(":status", "200"), ("content-type", contentType), ("x-id", "7")], endsStream: false)
        #expect(block == .initial(metadata, encoding: nil))
    }

    @Test func `a status is read, whatever the HTTP status`() {
        let status = GRPCStatus(.notFound, "no such job: é", details: [1, 2, 3, 4])
        for endsOnly in [true, false] {
            let head = endsOnly ? [HTTP2Header(":status", "404")] : []
            #expect(
                GRPCResponseBlock(head + status.headers, endsStream: true)
                    == .trailers(status, GRPCMetadata()))
        }
    }

    @Test(arguments: [
        ("400", GRPCStatusCode.internal), ("401", .unauthenticated), ("403", .permissionDenied),
        ("404", .unimplemented), ("429", .unavailable), ("502", .unavailable),
        ("503", .unavailable), ("504", .unavailable), ("500", .unknown), ("302", .unknown),
        ("nonsense", .unknown),
    ])
    func `an HTTP status stands in for a missing one`(http: String, code: GRPCStatusCode) {
        for endsStream in [true, false] {
            let block = Self.block(
                [(":status", http), ("content-type", "text/html")], endsStream: endsStream)
            guard case .foreign(let status) = block else {
                Issue.record("\(block)")
                continue
            }
            #expect(status.code == code)
        }
    }

    @Test(arguments: [
        ([("content-type", "application/grpc")], true), ([], true),
        ([(":status", "200"), ("content-type", "application/grpc")], true),
        ([(":status", "200"), ("content-type", "text/html")], false), ([(":status", "200")], false),
        ([("grpc-status", "abc")], true), ([("grpc-status", "-1")], true),
    ])
    func `what is no answer and no status is unknown`(
        headers: [(String, String)], endsStream: Bool
    ) {
        guard case .foreign(let status) = Self.block(headers, endsStream: endsStream) else {
            Issue.record("taken for an answer")
            return
        }
        #expect(status.code == .unknown)
    }

    @Test func `a status code of the future is unknown, and keeps its message`() {
        #expect(
            Self.block([("grpc-status", "99"), ("grpc-message", "later")], endsStream: true)
                == .trailers(GRPCStatus(.unknown, "later"), GRPCMetadata()))
    }

    @Test(arguments: GRPCStatusCode.allCases)
    func `every code survives`(code: GRPCStatusCode) {
        let status = GRPCStatus(code, "100% sure\n", details: code == .ok ? nil : [0xFF, 0])
        #expect(GRPCStatus(headers: status.headers) == status)
    }

    @Test func `what would not fit in a header is cut, not lost`() throws {
        let long = GRPCStatus(
            .internal, String(repeating: "é", count: 9000),
            details: Array(repeating: 1, count: 9000))
        let read = try #require(GRPCStatus(headers: long.headers))
        #expect(read.code == .internal)
        #expect(!read.message.isEmpty && long.message.hasPrefix(read.message))
        let size = long.headers.reduce(0) { size, header in
            size + header.name.utf8.count + header.value.utf8.count + HTTP2Header.overhead
        }
        #expect(size < 8 << 10)
    }
}
