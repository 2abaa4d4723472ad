import Testing

@testable import Transport

/// Only what can travel becomes metadata, and it comes back as it was.
struct GRPCMetadataTests {
    @Test func `pairs keep their order and come back from headers`() throws {
        var metadata = GRPCMetadata()
        try metadata.append("a-key", text: "value with spaces")
        try metadata.append("blob-bin", binary: [0, 0xFF, 7])
        try metadata.append("a-key", text: "second")
        #expect(try GRPCMetadata(headers: metadata.headers) == metadata)
        #expect(metadata["a-key"] == "value with spaces")
        #expect(metadata.binary("blob-bin") == [0, 0xFF, 7])
        #expect(metadata.values(of: "a-key") == [.text("value with spaces"), .text("second")])
        #expect(metadata["missing"] == nil)
    }

    @Test(arguments: ["", "Upper", "sp ace", "grpc-x", ":path", "te", "content-type", "ü", "x-bin"])
    func `names that cannot travel as text are refused`(name: String) {
        var metadata = GRPCMetadata()
        #expect(throws: GRPCMetadataError.invalidName(name)) {
            try metadata.append(name, text: "v")
        }
    }

    @Test func `a binary pair says so in its name`() {
        var metadata = GRPCMetadata()
        #expect(throws: GRPCMetadataError.invalidName("x")) { try metadata.append("x", binary: []) }
    }

    @Test(arguments: ["line\nbreak", "é", "\u{7F}", " leading", "trailing ", "nul\0"])
    func `values that cannot travel are refused`(value: String) {
        var metadata = GRPCMetadata()
        #expect(throws: GRPCMetadataError.invalidValue(name: "x")) {
            try metadata.append("x", text: value)
        }
    }

    @Test func `binary values joined by a comma are several`() throws {
        let metadata = try GRPCMetadata(headers: [HTTP2Header("x-bin", "AQ==,Ag, Aw")])
        #expect(metadata.values(of: "x-bin") == [.binary([1]), .binary([2]), .binary([3])])
    }

    @Test func `damaged pairs are refused, or left out where that is asked for`() {
        let headers = [
            HTTP2Header("x-bin", "?"), HTTP2Header("y", "\u{FFFD}"), HTTP2Header("z", "good"),
        ]
        #expect(throws: GRPCMetadataError.self) { try GRPCMetadata(headers: headers) }
        #expect(GRPCMetadata(lenientlyFrom: headers).pairs.map(\.name) == ["z"])
    }

    @Test func `the protocol's own headers are not metadata`() throws {
        let headers = [
            HTTP2Header(":path", "/a/b"), HTTP2Header("te", "trailers"),
            HTTP2Header("grpc-timeout", "1S"), HTTP2Header("content-type", "application/grpc"),
            HTTP2Header("user-agent", "somebody"),
        ]
        #expect(try GRPCMetadata(headers: headers).pairs.map(\.name) == ["user-agent"])
    }
}
