/// The Castagnoli checksum (RFC 3720, appendix B.4): every single-bit error and every burst of up
/// to 32 bits is detected.
package enum CRC32C {
    /// The polynomial 0x1EDC6F41 with its bits reversed, as the byte-wise algorithm wants it.
    private static let polynomial: UInt32 = 0x82F6_3B78

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in
            remainder & 1 == 1 ? (remainder >> 1) ^ polynomial : remainder >> 1
        }
    }

    /// The checksum of `bytes`.
    package static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
        let table = Self.table
        return ~bytes.reduce(UInt32.max) { remainder, byte in
            (remainder >> 8) ^ table[Int((remainder ^ UInt32(byte)) & 0xFF)]
        }
    }
}
