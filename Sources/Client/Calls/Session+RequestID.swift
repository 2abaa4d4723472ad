import Reactor

extension Session {
    /// A random UUID, for a request that may have to be sent again. (RFC 9562, section 5.4.)
    func makeRequestID() -> String {
        var bytes = kernel.fillRandom(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { byte in
            let hexadecimal = String(byte, radix: 16)
            return hexadecimal.count == 1 ? "0" + hexadecimal : hexadecimal
        }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
            .joined(separator: "-")
    }
}
