/// The encoding of `grpc-message`: UTF-8 with everything but printable ASCII, and `%` itself,
/// written as `%XX`. (gRPC over HTTP/2, "Status-Message".)
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Encodes as much of `text` as fits into `byteCountMax`, ending between two characters.
    static func encode(_ text: String, byteCountMax: Int) -> String {
        var encoded: [UInt8] = []
        for scalar in text.unicodeScalars {
            let before = encoded.count
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                append(byte, to: &encoded)
            }
            guard encoded.count <= byteCountMax else {
                encoded.removeSubrange(before...)
                break
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Never fails: what is no valid escape stands for itself, and what is no UTF-8 is repaired,
    /// because a damaged sentence still helps more than none.
    static func decode(_ text: String) -> String {
        let source = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let high = hexValue(source[index + 1]), let low = hexValue(source[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(source[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to encoded: inout [UInt8]) {
        if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
            encoded.append(byte)
        } else {
            encoded.append(UInt8(ascii: "%"))
            encoded.append(digits[Int(byte >> 4)])
            encoded.append(digits[Int(byte & 15)])
        }
    }

    private static func hexValue(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
