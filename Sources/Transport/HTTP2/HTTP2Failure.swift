internal import CNGHTTP2

/// Why a session cannot go on.
struct HTTP2Failure: Error, Hashable, CustomStringConvertible {
    /// One of nghttp2's error numbers.
    let code: Int32

    /// What nghttp2 says about it.
    var description: String { unsafe String(cString: nghttp2_strerror(code)) }

    /// What the peer is told. (RFC 9113, section 7.)
    var errorCode: HTTP2ErrorCode {
        switch nghttp2_error(code) {
        case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_TOO_MANY_SETTINGS,
            NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
            .enhanceYourCalm
        default:
            .protocolError
        }
    }
}
