internal import CNGHTTP2

/// The submissions that both the session and its callbacks make: header blocks at a stream's end.
enum HTTP2Submission {
    /// Submits what ends a response: trailers; and what ends a request that is still coming.
    static func trailers(
        _ trailers: [HTTP2Header], on stream: HTTP2StreamID, of session: OpaquePointer
    ) {
        unsafe withFields(trailers) { fields, count in
            _ = unsafe nghttp2_submit_trailer(session, stream, fields, count)
        }
    }

    /// After the last frame of an answer, asks the client to send no more of its request.
    ///
    /// (RFC 9113, section 8.1.) Only once that frame is sent: a stream for which a reset waits
    /// counts as closing, and nghttp2 drops what else waits for it.
    static func abandonRequest(on stream: HTTP2StreamID, of session: OpaquePointer) {
        guard unsafe nghttp2_session_check_server_session(session) != 0,
            unsafe nghttp2_session_get_stream_remote_close(session, stream) == 0
        else { return }
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        unsafe nghttp2_submit_rst_stream(session, flags, stream, NGHTTP2_NO_ERROR.rawValue)
    }

    /// Lends the fields of a header block to nghttp2, which copies them.
    static func withFields(
        _ headers: [HTTP2Header], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Void
    ) {
        var text: [UInt8] = []
        for header in headers {
            text.append(contentsOf: header.name.utf8)
            text.append(contentsOf: header.value.utf8)
        }
        unsafe text.withUnsafeMutableBufferPointer { text in
            let fields = unsafe fields(headers, in: text)
            unsafe fields.withUnsafeBufferPointer { fields in
                unsafe body(fields.baseAddress, fields.count)
            }
        }
    }

    private static func fields(
        _ headers: [HTTP2Header], in text: UnsafeMutableBufferPointer<UInt8>
    ) -> [nghttp2_nv] {
        guard var position = text.baseAddress else { return unsafe [] }
        var fields = unsafe [nghttp2_nv]()
        for header in headers {
            let name = unsafe position
            let value = unsafe name + header.name.utf8.count
            unsafe position = value + header.value.utf8.count
            unsafe fields.append(
                nghttp2_nv(
                    name: name, value: value, namelen: header.name.utf8.count,
                    valuelen: header.value.utf8.count, flags: 0))
        }
        return unsafe fields
    }
}
