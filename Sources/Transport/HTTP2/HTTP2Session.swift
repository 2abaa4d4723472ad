internal import CNGHTTP2
internal import Reactor

/// One HTTP/2 connection without its I/O, over nghttp2: bytes in, events out; requests in, bytes
/// out.
///
/// Flow control is manual: whoever took bytes of a body says so with ``consume(_:on:)``, and only
/// then may the peer send as many again. Bodies are pulled: ``produce(into:)`` asks the delegate
/// for as much as windows and buffer allow.
@safe
final class HTTP2Session {
    /// Which side of the connection this is.
    enum Role { case client, server }

    private let session: OpaquePointer
    private let recorder: HTTP2Recorder
    private let limits: HTTP2Limits
    private let role: Role

    init(role: Role, limits: HTTP2Limits) {
        self.role = role
        self.limits = limits
        let recorder = HTTP2Recorder(limits: limits)
        self.recorder = recorder
        unsafe session = Self.makeSession(role: role, limits: limits, recorder: recorder)
        submitSettings()
    }

    deinit {
        unsafe nghttp2_session_del(session)
    }

    /// Who hears of events and holds the bodies.
    var delegate: (any HTTP2SessionDelegate)? {
        get { recorder.delegate }
        set { recorder.delegate = newValue }
    }

    // MARK: The connection

    /// Queues the first thing that either side says.
    private func submitSettings() {
        var settings = [
            setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
            setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frameBytesReceived),
            setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytes),
            setting(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, limits.headerTableBytes),
        ]
        settings.append(
            role == .server
                ? setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, Int(limits.concurrentStreams))
                : setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        unsafe check(nghttp2_submit_settings(session, Self.noFlags, settings, settings.count))
        unsafe check(
            nghttp2_session_set_local_window_size(
                session, Self.noFlags, 0, Int32(limits.connectionWindowBytes)))
    }

    /// Takes what the peer sent, and tells the delegate what it meant.
    ///
    /// A peer that breaks the protocol is sent GOAWAY by nghttp2, after which the session wants
    /// nothing more; this throws only when not even that is possible.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Failure) {
        var rest = unsafe bytes.bindMemory(to: UInt8.self)
        var isPaused = false
        repeat {
            // After a pause, even without more input: the end of the frame is still to be told.
            let result = unsafe nghttp2_session_mem_recv(session, rest.baseAddress, rest.count)
            guard result >= 0 else { throw HTTP2Failure(code: Int32(result)) }
            unsafe rest = .init(rebasing: rest.dropFirst(result))
            tellEvents()
            isPaused = unsafe recorder.takeChunk { unsafe delegate?.received($1, on: $0) }
        } while isPaused || !rest.isEmpty
    }

    /// Appends frames to `buffer` as long as there are any and it has room.
    func produce(into buffer: Buffer) throws(HTTP2Failure) {
        recorder.output = buffer
        defer { recorder.output = nil }
        let result = unsafe nghttp2_session_send(session)
        guard result == 0 else { throw HTTP2Failure(code: result) }
        tellEvents()
    }

    private func tellEvents() {
        guard let delegate else { return }
        recorder.tellEvents { delegate.handle($0) }
    }

    /// Whether `produce` would make something, given room.
    var wantsToWrite: Bool { unsafe nghttp2_session_want_write(session) != 0 }

    /// Whether there is nothing more to say or to hear.
    var isFinished: Bool { unsafe !wantsToWrite && nghttp2_session_want_read(session) == 0 }

    /// Asks the peer for a sign of life that carries these eight bytes.
    func ping(_ payload: UInt64) {
        unsafe withUnsafeBytes(of: payload) { bytes in
            let bytes = unsafe bytes.bindMemory(to: UInt8.self).baseAddress
            unsafe check(nghttp2_submit_ping(session, Self.noFlags, bytes))
        }
    }

    /// Tells a client that a GOAWAY will follow; streams it has opened by then are still served.
    /// (RFC 9113, section 6.8.)
    func announceGoAway() {
        unsafe check(nghttp2_submit_shutdown_notice(session))
    }

    /// Takes no more streams from now on; those that are open go on.
    func goAway() {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        unsafe check(
            nghttp2_submit_goaway(
                session, Self.noFlags, last, NGHTTP2_NO_ERROR.rawValue, nil, 0))
    }

    /// Gives the connection up: one last GOAWAY that says why, then nothing is read any more.
    func terminate(_ code: HTTP2ErrorCode, debugData: String) {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        let debugData = Array(debugData.utf8)
        // The debug data has to be queued first: nghttp2_session_terminate_session takes none.
        unsafe check(
            nghttp2_submit_goaway(
                session, Self.noFlags, last, code.rawValue, debugData, debugData.count))
        unsafe check(nghttp2_session_terminate_session(session, code.rawValue))
    }

    /// Says why nothing that the peer sends is understood any more.
    func terminate(after failure: HTTP2Failure) {
        terminate(failure.errorCode, debugData: failure.description)
    }

    // MARK: Streams

    /// Opens a stream with a request whose body is pulled; nil when there are no numbers left.
    func request(_ headers: [HTTP2Header]) -> HTTP2StreamID? {
        var provider = unsafe HTTP2Callbacks.bodyProvider
        var stream: HTTP2StreamID = -1
        unsafe HTTP2Submission.withFields(headers) { fields, count in
            stream = unsafe nghttp2_submit_request(session, nil, fields, count, &provider, nil)
        }
        return stream > 0 ? stream : nil
    }

    /// Begins an answer whose body is pulled.
    func respond(_ headers: [HTTP2Header], on stream: HTTP2StreamID) {
        var provider = unsafe HTTP2Callbacks.bodyProvider
        unsafe HTTP2Submission.withFields(headers) { fields, count in
            unsafe check(nghttp2_submit_response(session, stream, fields, count, &provider))
        }
    }

    /// Gives an answer that is nothing but headers.
    func respondWithoutBody(_ headers: [HTTP2Header], on stream: HTTP2StreamID) {
        unsafe HTTP2Submission.withFields(headers) { fields, count in
            unsafe check(nghttp2_submit_response(session, stream, fields, count, nil))
        }
    }

    /// Ends an answer now, before anything of its body that was not sent yet.
    func sendTrailers(_ trailers: [HTTP2Header], on stream: HTTP2StreamID) {
        unsafe HTTP2Submission.trailers(trailers, on: stream, of: session)
    }

    /// Asks for the body again, after its last step was ``HTTP2BodyStep/wait``.
    func resumeBody(on stream: HTTP2StreamID) {
        // Refused when the stream is gone or is not waiting; then there is nothing to resume.
        _ = unsafe nghttp2_session_resume_data(session, stream)
    }

    /// Gives a stream up, in both directions.
    func reset(_ stream: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        unsafe check(nghttp2_submit_rst_stream(session, Self.noFlags, stream, code.rawValue))
    }

    /// Whether the stream is there, and we have not ended our side of it.
    func isSending(on stream: HTTP2StreamID) -> Bool {
        unsafe nghttp2_session_get_stream_local_close(session, stream) == 0
    }

    /// Lets the peer send as many bytes again, on the stream (if it still is) and in all.
    func consume(_ byteCount: Int, on stream: HTTP2StreamID) {
        unsafe check(nghttp2_session_consume(session, stream, byteCount))
    }

    /// Lets the peer send as many bytes again in all, and none more on the stream they came on.
    func consume(_ byteCount: Int) {
        unsafe check(nghttp2_session_consume_connection(session, byteCount))
    }

    /// Lets the peer send as many bytes again on the stream, if it still is.
    func grant(_ byteCount: Int, on stream: HTTP2StreamID) {
        unsafe check(nghttp2_session_consume_stream(session, stream, byteCount))
    }

    // MARK: Set-up

    private static let noFlags = UInt8(NGHTTP2_FLAG_NONE.rawValue)

    /// Submitting only fails when memory is out, or for arguments that are our own mistake.
    private func check(_ result: Int32) {
        precondition(result == 0, "nghttp2: \(HTTP2Failure(code: result))")
    }

    private func setting(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
        nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(value))
    }

    private static func makeSession(
        role: Role, limits: HTTP2Limits, recorder: HTTP2Recorder
    ) -> OpaquePointer {
        let userData = unsafe Unmanaged.passUnretained(recorder).toOpaque()
        let session = unsafe HTTP2Callbacks.withTable { table in
            unsafe withOptions(limits) { options in
                var session: OpaquePointer?
                var memory = unsafe HTTP2Memory.table
                _ =
                    unsafe role == .server
                    ? nghttp2_session_server_new3(&session, table, userData, options, &memory)
                    : nghttp2_session_client_new3(&session, table, userData, options, &memory)
                return unsafe session
            }
        }
        guard let session = unsafe session else { preconditionFailure("nghttp2: out of memory") }
        return unsafe session
    }

    private static func withOptions<Result>(
        _ limits: HTTP2Limits, _ body: (OpaquePointer) -> Result
    ) -> Result {
        var options: OpaquePointer?
        unsafe nghttp2_option_new(&options)
        guard let options = unsafe options else { preconditionFailure("nghttp2: out of memory") }
        defer { unsafe nghttp2_option_del(options) }
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        // Closed streams are kept only for the priority tree, which no gRPC client uses.
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_deflate_dynamic_table_size(options, limits.headerTableBytes)
        unsafe nghttp2_option_set_max_continuations(options, limits.continuations)
        // We count resets ourselves, by the loop's clock, and those in the other direction, too.
        unsafe nghttp2_option_set_stream_reset_rate_limit(options, .max, .max)
        unsafe nghttp2_option_set_max_outbound_ack(options, limits.outboundAcknowledgements)
        unsafe nghttp2_option_set_max_settings(options, limits.settingsEntries)
        return unsafe body(options)
    }
}
