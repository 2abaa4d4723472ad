import Testing

@testable import Transport

/// `grpc-message` must arrive as it was meant, and never be the reason that a status does not.
struct PercentEncodingTests {
    static let pairs: [(text: String, encoded: String)] = [
        ("", ""), ("plain text, as it is!", "plain text, as it is!"), ("100%", "100%25"),
        ("line\nbreak", "line%0Abreak"), ("tab\there", "tab%09here"), ("é", "%C3%A9"),
        ("🙂", "%F0%9F%99%82"), ("\u{7F}", "%7F"), ("~", "~"),
    ]

    @Test(arguments: pairs)
    func `printable ASCII stays and the rest is escaped`(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text, byteCountMax: 100) == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test func `a cut never divides a character`() {
        for limit in 0...30 {
            let encoded = PercentEncoding.encode("aé🙂b%", byteCountMax: limit)
            #expect(encoded.utf8.count <= limit)
            #expect("aé🙂b%".hasPrefix(PercentEncoding.decode(encoded)))
        }
    }

    @Test(arguments: [
        ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%%41", "%A"), ("50% of it", "50% of it"),
        ("%c3%a9", "é"), ("%FF", "\u{FFFD}"),
    ])
    func `damage is borne`(encoded: String, text: String) {
        #expect(PercentEncoding.decode(encoded) == text)
    }
}
