import Testing

@testable import Transport

/// Which requests are gRPC, and what the others are told.
struct GRPCRequestHeadTests {
    static let good = [
        (":method", "POST"), (":scheme", "https"), (":path", "/pkg.Service/Method"),
        (":authority", "localhost:9090"), ("te", "trailers"),
        ("content-type", "application/grpc"), ("grpc-timeout", "250m"), ("x-key", "value"),
    ]

    static func head(
        replacing name: String, by value: String?
    ) throws(GRPCRequestRefusal) -> GRPCRequestHead {
        let kept = good.filter { $0.0 != name }.map { HTTP2Header($0.0, $0.1) }
        return try GRPCRequestHead(kept + (value.map { [HTTP2Header(name, $0)] } ?? []))
    }

    @Test func `a good request is understood`() throws {
        let head = try Self.head(replacing: "none", by: nil)
        #expect(head.service == "pkg.Service")
        #expect(head.method == "Method")
        #expect(head.timeout == .milliseconds(250))
        #expect(head.metadata["x-key"] == "value")
        #expect(head.metadata.pairs.count == 1)
    }

    @Test func `te is not insisted on`() throws {
        #expect(try Self.head(replacing: "te", by: nil).method == "Method")
    }

    @Test(arguments: ["application/grpc+proto", "application/grpc;charset=utf-8"])
    func `protobuf by other names`(type: String) throws {
        #expect(try Self.head(replacing: "content-type", by: type).method == "Method")
    }

    @Test(arguments: [
        (":method", "GET", 405), (":method", "PUT", 405), ("content-type", nil, 415),
        ("content-type", "application/json", 415), ("content-type", "application/grpc-web", 415),
        ("content-type", "application/grpc+json", 415),
    ])
    func `what is not gRPC gets an HTTP status`(name: String, value: String?, status: Int) {
        #expect(throws: GRPCRequestRefusal.http(status)) {
            try Self.head(replacing: name, by: value)
        }
    }

    @Test(arguments: [
        (":path", "nonsense", GRPCStatusCode.unimplemented), (":path", "/only", .unimplemented),
        (":path", "//", .unimplemented), (":path", "/a/", .unimplemented),
        (":path", "//b", .unimplemented), ("grpc-timeout", "soon", .internal),
        ("x-bin", "???", .internal), ("x-key", "é", .internal),
    ])
    func `what is bad gRPC gets a status`(name: String, value: String, code: GRPCStatusCode) {
        do {
            _ = try Self.head(replacing: name, by: value)
            Issue.record("accepted")
        } catch .status(let status) {
            #expect(status.code == code)
        } catch {
            Issue.record("\(error)")
        }
    }
}
