import Reactor

/// Gathers what a client says first until it is worth a TLS session, which takes 55 KiB while it
/// shakes hands: who says one byte a second would have that for ten.
struct FirstRecord {
    private var bytes: [UInt8] = []

    /// RFC 8446, section 5.1: type, version and length, and the type of a handshake message.
    private static let headerBytes = 5
    private static let handshakeType: UInt8 = 22

    /// Takes what is in the buffer, and puts everything back once it is a whole record, or cannot
    /// become the beginning of a handshake: OpenSSL then says what is wrong with it.
    ///
    /// - Returns: whether it is for OpenSSL now.
    mutating func gather(_ input: Buffer) -> Bool {
        bytes += input.bytes
        input.clear()
        guard isComplete else { return false }
        input.reserve(bytes.count)
        input.append(bytes)
        bytes = []
        return true
    }

    private var isComplete: Bool {
        guard let type = bytes.first else { return false }
        guard type == Self.handshakeType else { return true }
        guard bytes.count >= Self.headerBytes else { return false }
        let length = Int(bytes[3]) << 8 | Int(bytes[4])
        return length > Self.lengthMax || bytes.count >= Self.headerBytes + length
    }

    /// Of a record that is not encrypted: 2^14.
    private static let lengthMax = 1 << 14
}
