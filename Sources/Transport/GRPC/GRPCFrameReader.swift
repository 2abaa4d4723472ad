/// Cuts the bytes of a stream into messages: each is a flag byte, four bytes of length (big
/// endian), and that many bytes. (gRPC over HTTP/2, "Length-Prefixed-Message".)
///
/// Takes its input in pieces of any size. No memory is taken for a message before its length was
/// checked, and then only as its bytes arrive: a header alone reserves nothing.
struct GRPCFrameReader {
    /// The bytes before each message.
    static let headerSize = 5

    private enum State {
        case header
        case message(byteCount: Int)
        case stopped
    }

    private let messageBytesMax: Int
    private var state = State.header
    private var header: UInt64 = 0
    private var headerCount = 0
    private var message: [UInt8] = []

    init(messageBytesMax: Int) {
        self.messageBytesMax = messageBytesMax
    }

    /// Bytes held of a message that is not whole yet.
    var pendingByteCount: Int { headerCount + message.count }

    /// Takes nothing more, and lets go of what it holds.
    mutating func stop() {
        state = .stopped
        headerCount = 0
        message = []
    }

    /// Takes the next bytes of the stream; whole messages are handed to `deliver` at once.
    ///
    /// After it has thrown, whatever follows is ignored: the frames cannot be found again.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, deliver: ([UInt8]) -> Void
    ) throws(GRPCFramingError) {
        var rest = unsafe bytes[...]
        while let whole = try unsafe next(from: &rest) { deliver(whole) }
    }

    /// Takes bytes of the stream until a message is whole, or there are none left.
    mutating func next(
        from rest: inout Slice<UnsafeRawBufferPointer>
    ) throws(GRPCFramingError) -> [UInt8]? {
        while unsafe !rest.isEmpty {
            switch state {
            case .header:
                unsafe header = header << 8 | UInt64(rest.removeFirst())
                headerCount += 1
                if headerCount == Self.headerSize { try finishHeader() }
            case .message(let byteCount):
                let part = unsafe rest.prefix(byteCount - message.count)
                unsafe message.append(contentsOf: UnsafeRawBufferPointer(rebasing: part))
                unsafe rest = rest.dropFirst(part.count)
            case .stopped:
                return nil
            }
            if let whole = takeWholeMessage() { return whole }
        }
        return nil
    }

    private mutating func finishHeader() throws(GRPCFramingError) {
        let byteCount = Int(UInt32(truncatingIfNeeded: header))
        let flag = UInt8(truncatingIfNeeded: header >> 32)
        headerCount = 0
        do {
            try check(flag: flag, byteCount: byteCount)
        } catch {
            stop()
            throw error
        }
        state = .message(byteCount: byteCount)
    }

    private func check(flag: UInt8, byteCount: Int) throws(GRPCFramingError) {
        guard flag <= 1 else { throw .unknownFlag(flag) }
        guard flag == 0 else { throw .compressed }
        guard byteCount <= messageBytesMax else {
            throw .tooLarge(byteCount: byteCount, byteCountMax: messageBytesMax)
        }
    }

    private mutating func takeWholeMessage() -> [UInt8]? {
        guard case .message(let byteCount) = state, message.count == byteCount else { return nil }
        state = .header
        defer { message = [] }
        return message
    }
}

/// Why the bytes of a stream are not gRPC messages that we take.
enum GRPCFramingError: Error, Hashable {
    /// The compressed flag is set; we announce `identity` alone.
    case compressed
    /// A flag byte that is neither 0 nor 1.
    case unknownFlag(UInt8)
    /// The header announces more than the limit.
    case tooLarge(byteCount: Int, byteCountMax: Int)
}

extension GRPCFramingError {
    /// What the other side is told.
    ///
    /// - Parameter encoding: the `grpc-encoding` of the stream. A compressed message without one
    ///   is a bug of the sender, and with one a feature we lack. (gRPC documentation, compression.)
    /// - Returns: the status that ends the call.
    func status(encoding: String?) -> GRPCStatus {
        switch self {
        case .compressed:
            guard let encoding, encoding != "identity" else {
                return GRPCStatus(.internal, "message is flagged compressed without grpc-encoding")
            }
            return GRPCStatus(.unimplemented, "compression \(encoding) is not supported")
        case .unknownFlag(let flag):
            return GRPCStatus(.internal, "message has an unknown flag byte \(flag)")
        case .tooLarge(let byteCount, let byteCountMax):
            return GRPCStatus(
                .resourceExhausted,
                "message of \(byteCount) bytes is over the limit of \(byteCountMax)")
        }
    }
}
