internal import CNGHTTP2
internal import Reactor

/// Everything nghttp2 calls: each function unpacks C and tells an ``HTTP2Recorder``.
///
/// Lifetimes. `userData` is the recorder, unretained: ``HTTP2Session`` owns both it and the C
/// session, and deletes the C session first. Frames, names, values and data are nghttp2's, and
/// only valid during the call, so they are copied; all but the bytes of bodies, which lie in the
/// input of mem_recv: there the callback makes nghttp2 pause, and they are handed on before it is
/// called again. `HTTP2Recorder.output` is a buffer on loan to `HTTP2Session.produce`, which is
/// what calls the sending callbacks. None of these functions may lead to nghttp2_session_send,
/// mem_recv or del (nghttp2.h, "nghttp2_session_callbacks"), which is why what has to be done about
/// a frame waits in the recorder.
enum HTTP2Callbacks {
    /// Makes the table that a new session copies.
    static func withTable<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        var table: OpaquePointer?
        unsafe nghttp2_session_callbacks_new(&table)
        guard let table = unsafe table else { preconditionFailure("nghttp2: out of memory") }
        defer { unsafe nghttp2_session_callbacks_del(table) }
        unsafe setReceiving(table)
        unsafe setSending(table)
        return unsafe body(table)
    }

    private static func setReceiving(_ table: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(table) {
            _, header, userData in
            guard let header = unsafe header else { return Answer.failure }
            if unsafe header.pointee.mayBeIdle { unsafe recorder(userData).recordIdleFrame() }
            return Answer.success
        }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, _, userData in
            unsafe recorder(userData).beginHeaders()
            return Answer.success
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(table) {
            _, _, name, nameLength, value, valueLength, _, userData in
            let name = unsafe UnsafeRawBufferPointer(start: name, count: nameLength)
            let value = unsafe UnsafeRawBufferPointer(start: value, count: valueLength)
            let isAdmitted = unsafe recorder(userData).addHeader(name: name, value: value)
            return isAdmitted ? Answer.success : Answer.streamFailure
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, userData in
            guard let frame = unsafe frame else { return Answer.failure }
            unsafe recorder(userData).received(frame.pointee)
            return Answer.success
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) {
            _, _, stream, data, length, userData in
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: length)
            unsafe recorder(userData).record(bytes, on: stream)
            return Answer.pause
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(table) {
            _, stream, code, userData in
            unsafe recorder(userData).record(.closed(stream, HTTP2ErrorCode(rawValue: code)))
            return Answer.success
        }
    }

    private static func setSending(_ table: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_send_callback(table) { _, data, length, _, userData in
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: length)
            return unsafe recorder(userData).write(frame: bytes)
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(table) {
            _, frame, frameHeader, length, _, userData in
            guard let frame = unsafe frame else { return Answer.failure }
            let header = unsafe UnsafeRawBufferPointer(
                start: frameHeader, count: HTTP2Recorder.frameHeaderSize)
            return unsafe recorder(userData).writeData(
                header: header, byteCount: length, on: frame.pointee.hd.stream_id)
        }
        unsafe nghttp2_session_callbacks_set_data_source_read_length_callback(table) {
            _, _, _, _, _, frameBytesMax, userData in
            unsafe recorder(userData).frameBytes(allowedByPeer: Int(frameBytesMax))
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(table) {
            session, frame, userData in
            guard let frame = unsafe frame, let session = unsafe session else {
                return Answer.failure
            }
            unsafe recorder(userData).sent(frame.pointee, by: session)
            return Answer.success
        }
        unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(table) {
            _, frame, _, userData in
            guard let frame = unsafe frame else { return Answer.failure }
            unsafe recorder(userData).notSent(frame.pointee)
            return Answer.success
        }
    }

    /// The provider of every body: streams are told apart by their number.
    static var bodyProvider: nghttp2_data_provider {
        unsafe nghttp2_data_provider(
            source: nghttp2_data_source(),
            read_callback: { session, stream, _, length, flags, _, userData in
                guard let session = unsafe session, let flags = unsafe flags else {
                    return Int(Answer.failure)
                }
                return unsafe recorder(userData).read(
                    stream, upTo: length, flags: &flags.pointee, of: session)
            })
    }
}

/// What callbacks return.
private enum Answer {
    static let success: Int32 = 0
    static let failure = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    static let streamFailure = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    static let pause = NGHTTP2_ERR_PAUSE.rawValue
    static let wouldBlock = NGHTTP2_ERR_WOULDBLOCK.rawValue
    static let deferred = NGHTTP2_ERR_DEFERRED.rawValue
}

private func recorder(_ userData: UnsafeMutableRawPointer?) -> HTTP2Recorder {
    guard let userData = unsafe userData else { preconditionFailure("nghttp2 lost our data") }
    return unsafe Unmanaged<HTTP2Recorder>.fromOpaque(userData).takeUnretainedValue()
}

extension nghttp2_frame_hd {
    fileprivate var kind: nghttp2_frame_type { nghttp2_frame_type(UInt32(type)) }

    fileprivate func has(_ flag: nghttp2_flag) -> Bool { flags & UInt8(flag.rawValue) != 0 }

    /// Whether the frame asks for nothing and, unless bytes follow, carries nothing.
    ///
    /// DATA may consist of padding; pings and resets have limits of their own.
    fileprivate var mayBeIdle: Bool {
        switch kind {
        case NGHTTP2_DATA: !has(NGHTTP2_FLAG_END_STREAM)
        case NGHTTP2_PING: has(NGHTTP2_FLAG_ACK)
        case NGHTTP2_HEADERS, NGHTTP2_CONTINUATION, NGHTTP2_RST_STREAM: false
        default: true
        }
    }
}

// MARK: - Receiving

extension HTTP2Recorder {
    fileprivate func received(_ frame: nghttp2_frame) {
        let header = unsafe frame.hd
        switch header.kind {
        case NGHTTP2_HEADERS:
            finishHeaders(on: header.stream_id, endsStream: header.has(NGHTTP2_FLAG_END_STREAM))
        case NGHTTP2_DATA where header.has(NGHTTP2_FLAG_END_STREAM):
            record(.ended(header.stream_id))
        case NGHTTP2_SETTINGS where !header.has(NGHTTP2_FLAG_ACK):
            record(.settings)
        case NGHTTP2_RST_STREAM:
            record(.reset(header.stream_id))
        case NGHTTP2_PING where header.has(NGHTTP2_FLAG_ACK):
            unsafe record(.pingAcknowledged(payload(of: frame.ping)))
        case NGHTTP2_PING:
            recordPing()
        case NGHTTP2_GOAWAY:
            unsafe record(.goAway(last: frame.goaway.last_stream_id))
        default:
            break
        }
    }

    private func payload(of ping: nghttp2_ping) -> UInt64 {
        unsafe withUnsafeBytes(of: ping.opaque_data) { unsafe $0.loadUnaligned(as: UInt64.self) }
    }
}

// MARK: - Sending

extension HTTP2Recorder {
    /// Any frame but DATA: as much of it as fits; nghttp2 keeps the rest.
    fileprivate func write(frame: UnsafeRawBufferPointer) -> Int {
        guard let output else { return Int(Answer.failure) }
        let count = min(frame.count, output.writableCount)
        guard count > 0 else { return Int(Answer.wouldBlock) }
        unsafe output.append(UnsafeRawBufferPointer(rebasing: frame.prefix(count)))
        return count
    }

    /// A DATA frame: its header is nghttp2's, its bytes come straight from their owner.
    ///
    /// All of it or nothing.
    fileprivate func writeData(
        header: UnsafeRawBufferPointer, byteCount: Int, on stream: HTTP2StreamID
    ) -> Int32 {
        guard let output, let delegate else { return Answer.failure }
        guard output.writableCount >= header.count + byteCount else { return Answer.wouldBlock }
        unsafe output.append(header)
        let before = output.readableCount
        delegate.writeBody(byteCount, on: stream, into: output)
        precondition(output.readableCount == before + byteCount, "a frame shorter than it says")
        return Answer.success
    }

    fileprivate func sent(_ frame: nghttp2_frame, by session: OpaquePointer) {
        let header = unsafe frame.hd
        switch header.kind {
        case NGHTTP2_DATA:
            contentSent()
        case NGHTTP2_HEADERS:
            contentSent()
            guard header.has(NGHTTP2_FLAG_END_STREAM) else { return }
            unsafe HTTP2Submission.abandonRequest(on: header.stream_id, of: session)
        case NGHTTP2_RST_STREAM:
            let code = unsafe HTTP2ErrorCode(rawValue: frame.rst_stream.error_code)
            // An answer before the end of its request ends with such a reset: nothing is amiss.
            if code != .noError { record(.reset(header.stream_id)) }
        case NGHTTP2_SETTINGS, NGHTTP2_PING:
            if !header.has(NGHTTP2_FLAG_ACK) { questionSent() }
        case NGHTTP2_GOAWAY:
            let code = unsafe HTTP2ErrorCode(rawValue: frame.goaway.error_code)
            if code != .noError { record(.gaveUp(code)) }
        default:
            break
        }
    }

    /// A request that nghttp2 gave up, because the peer takes no new streams, was never a stream,
    /// so nothing else would tell of its end.
    fileprivate func notSent(_ frame: nghttp2_frame) {
        guard unsafe frame.hd.kind == NGHTTP2_HEADERS,
            unsafe frame.headers.cat == NGHTTP2_HCAT_REQUEST
        else { return }
        unsafe record(.closed(frame.hd.stream_id, .refusedStream))
    }

    fileprivate func read(
        _ stream: HTTP2StreamID, upTo length: Int, flags: inout UInt32, of session: OpaquePointer
    ) -> Int {
        guard let delegate else { return Int(Answer.failure) }
        guard let room = roomForBody(wanted: length) else { return Int(Answer.pause) }
        guard
            case .send(let count, let continuation) =
                delegate.nextBodyStep(on: stream, upTo: room)
        else { return Int(Answer.deferred) }
        precondition(count <= room, "a body step that does not fit")
        bodyStepTaken(count)
        flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        switch continuation {
        case .more:
            break
        case .endOfStream:
            flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
        case .trailers(let trailers):
            flags |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            unsafe HTTP2Submission.trailers(trailers, on: stream, of: session)
        }
        return count
    }
}
