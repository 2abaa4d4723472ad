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
        let textSize = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: textSize) { text in
            unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: headers.count) {
                var rest = unsafe text[...]
                for (index, header) in headers.enumerated() {
                    let name = unsafe write(header.name, to: &rest)
                    let value = unsafe write(header.value, to: &rest)
                    unsafe $0.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: name.baseAddress, value: value.baseAddress, namelen: name.count,
                            valuelen: value.count, flags: 0))
                }
                unsafe body($0.baseAddress, headers.count)
            }
        }
    }

    private static func write(
        _ text: String, to rest: inout Slice<UnsafeMutableBufferPointer<UInt8>>
    ) -> UnsafeMutableBufferPointer<UInt8> {
        let place = unsafe UnsafeMutableBufferPointer(rebasing: rest.prefix(text.utf8.count))
        _ = unsafe place.initialize(fromContentsOf: text.utf8)
        unsafe rest = rest.dropFirst(place.count)
        return unsafe place
    }
}
