/// Why a stream was reset or a connection given up. (RFC 9113, section 7.)
package struct HTTP2ErrorCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    package let rawValue: UInt32

    /// Wraps a number from the wire, which need not be one that is defined.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Not an error: perhaps the rest of a request is not wanted any more.
    package static let noError = HTTP2ErrorCode(rawValue: 0x0)
    /// The peer broke the protocol in a way that has no code of its own.
    package static let protocolError = HTTP2ErrorCode(rawValue: 0x1)
    /// The sender failed.
    package static let internalError = HTTP2ErrorCode(rawValue: 0x2)
    /// More bytes than the window allowed.
    package static let flowControlError = HTTP2ErrorCode(rawValue: 0x3)
    /// SETTINGS were not acknowledged in time.
    package static let settingsTimeout = HTTP2ErrorCode(rawValue: 0x4)
    /// A frame for a stream that had ended.
    package static let streamClosed = HTTP2ErrorCode(rawValue: 0x5)
    /// A frame of a size that is not allowed.
    package static let frameSizeError = HTTP2ErrorCode(rawValue: 0x6)
    /// The stream was turned away before anything was done for it, so it is safe to try again.
    package static let refusedStream = HTTP2ErrorCode(rawValue: 0x7)
    /// Not wanted any more.
    package static let cancel = HTTP2ErrorCode(rawValue: 0x8)
    /// The header compression state is broken.
    package static let compressionError = HTTP2ErrorCode(rawValue: 0x9)
    /// A tunnel failed.
    package static let connectError = HTTP2ErrorCode(rawValue: 0xA)
    /// Too much of something.
    package static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 0xB)
    /// The security of the connection is not good enough.
    package static let inadequateSecurity = HTTP2ErrorCode(rawValue: 0xC)
    /// Use HTTP/1.1.
    package static let http11Required = HTTP2ErrorCode(rawValue: 0xD)
}

extension HTTP2ErrorCode: CustomStringConvertible {
    /// The name in RFC 9113, or the number of one that is not defined there.
    package var description: String {
        switch self {
        case .noError: "NO_ERROR"
        case .protocolError: "PROTOCOL_ERROR"
        case .internalError: "INTERNAL_ERROR"
        case .flowControlError: "FLOW_CONTROL_ERROR"
        case .settingsTimeout: "SETTINGS_TIMEOUT"
        case .streamClosed: "STREAM_CLOSED"
        case .frameSizeError: "FRAME_SIZE_ERROR"
        case .refusedStream: "REFUSED_STREAM"
        case .cancel: "CANCEL"
        case .compressionError: "COMPRESSION_ERROR"
        case .connectError: "CONNECT_ERROR"
        case .enhanceYourCalm: "ENHANCE_YOUR_CALM"
        case .inadequateSecurity: "INADEQUATE_SECURITY"
        case .http11Required: "HTTP_1_1_REQUIRED"
        default: "0x" + String(rawValue, radix: 16)
        }
    }
}
