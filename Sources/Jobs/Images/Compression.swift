/// What an archive was made smaller by, told by its first bytes.
enum Compression: CaseIterable {
    /// RFC 1952.
    case gzip
    case xz
    /// RFC 8878.
    case zstd

    private var mark: [UInt8] {
        switch self {
        case .gzip: [0x1F, 0x8B]
        case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
        case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
        }
    }

    /// The program that undoes it, whose name is that of the Debian package, or nearly.
    var program: String {
        switch self {
        case .gzip: "gzip"
        case .xz: "xz"
        case .zstd: "zstd"
        }
    }

    /// Nil for bytes that are not compressed, as far as this server knows.
    init?(_ bytes: [UInt8]) {
        guard let found = Self.allCases.first(where: { bytes.starts(with: $0.mark) }) else {
            return nil
        }
        self = found
    }

    /// So many bytes tell.
    static let markSize = 6

    /// How a squashfs file system begins, of which the kernel reads no other; squashfs.rst.
    static let squashfsMark = Array("hsqs".utf8)
}
