import CNGHTTP2
import Reactor
import TestSupport

@testable import Transport

/// The other end of a connection, played frame by frame by a test: it says what a test makes it
/// say, and keeps what it is told.
///
/// Of itself it only acknowledges settings.
final class RawPeer: ApplicationProtocol {
    private(set) var frames: [RawFrame] = []
    private(set) var closeReason: ConnectionCloseReason?
    private var control: (any ConnectionControl)?
    private var toSend: [UInt8]
    private var received: [UInt8] = []
    private var receivesPreface: Bool
    private let inflater = HeaderInflater()
    private let acknowledgesSettings: Bool

    /// Plays a client, or a server.
    ///
    /// Its settings come first, as they must.
    init(
        isServer: Bool = false, settings: [(UInt16, UInt32)] = [],
        acknowledgesSettings: Bool = true
    ) {
        receivesPreface = isServer
        self.acknowledgesSettings = acknowledgesSettings
        toSend = (isServer ? [] : RawFrame.clientPreface) + RawFrame.settings(settings).bytes
    }

    /// Says this next.
    func send(_ frames: RawFrame...) {
        send(bytes: frames.flatMap(\.bytes))
    }

    func send(bytes: [UInt8]) {
        toSend += bytes
        control?.requestFlush()
    }

    // MARK: What it was told

    func frames(of stream: UInt32) -> [RawFrame] { frames.filter { $0.stream == stream } }

    func frames(_ kind: RawFrame.Kind) -> [RawFrame] { frames.filter { $0.kind == kind } }

    /// The header blocks of a stream, in order, each as a dictionary.
    func headers(of stream: UInt32) -> [[String: String]] { blocks[stream] ?? [] }

    /// The last header block of a stream, if the stream ended with it.
    func trailers(of stream: UInt32) -> [String: String]? {
        guard frames(of: stream).last(where: { $0.kind == .headers })?.endsStream == true else {
            return nil
        }
        return headers(of: stream).last
    }

    func body(of stream: UInt32) -> [UInt8] {
        frames(of: stream).filter { $0.kind == .data }.flatMap(\.payload)
    }

    private var blocks: [UInt32: [[String: String]]] = [:]

    // MARK: ApplicationProtocol

    func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        control = connection
        connection.requestFlush()
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        received += Array(bytes)
        if receivesPreface {
            guard received.count >= RawFrame.clientPreface.count else { return }
            received.removeFirst(RawFrame.clientPreface.count)
            receivesPreface = false
        }
        while let frame = RawFrame(from: &received) {
            frames.append(frame)
            note(frame)
        }
    }

    private func note(_ frame: RawFrame) {
        switch frame.kind {
        case .headers:
            blocks[frame.stream, default: []].append(inflater.inflate(frame.payload))
        case .settings where acknowledgesSettings && frame.flags & RawFrame.acknowledgement == 0:
            send(RawFrame(.settings, flags: RawFrame.acknowledgement))
        default:
            break
        }
    }

    func produce(into buffer: Buffer) {
        let count = min(buffer.writableCount, toSend.count)
        buffer.append(Array(toSend.prefix(count)))
        toSend.removeFirst(count)
    }

    var isFinished: Bool { false }

    func connectionClosed(_ reason: ConnectionCloseReason) {
        closeReason = reason
        control = nil
    }
}

/// Reads header blocks, with nghttp2's own decoder.
private final class HeaderInflater {
    private var inflater: OpaquePointer?

    init() {
        nghttp2_hd_inflate_new(&inflater)
    }

    deinit {
        nghttp2_hd_inflate_del(inflater)
    }

    func inflate(_ block: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        var rest = block[...]
        var flags: Int32 = 0
        repeat {
            var field = nghttp2_nv()
            let count = Array(rest).withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress, $0.count, 1)
            }
            precondition(count >= 0, "a damaged header block")
            rest = rest.dropFirst(count)
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                fields[text(field.name, field.namelen)] = text(field.value, field.valuelen)
            }
        } while flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) == 0
        nghttp2_hd_inflate_end_headers(inflater)
        return fields
    }

    private func text(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
