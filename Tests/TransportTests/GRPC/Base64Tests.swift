import Testing

@testable import Transport

/// The test vectors of RFC 4648, section 10, and what gRPC adds: padding may be there or not.
struct Base64Tests {
    static let vectors: [(bytes: String, padded: String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func `vectors read in both forms and written without padding`(bytes: String, padded: String) {
        let unpadded = String(padded.prefix { $0 != "=" })
        #expect(Base64.encode(Array(bytes.utf8)) == unpadded)
        #expect(Base64.decode(padded) == Array(bytes.utf8))
        #expect(Base64.decode(unpadded) == Array(bytes.utf8))
    }

    @Test func `every byte survives at every length`() {
        for length in 0...70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: ["A", "Zm9vY", "Zm=v", "Zg=", "====", "Zm9v\n", "Zm-_", "Zg==Zg=="])
    func `what is not base64 is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
