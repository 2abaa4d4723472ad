@testable import Transport

/// gRPC messages cut into pieces, and the header block of their request.
///
/// In whichever pieces the bytes come, the same messages come out, and the same error.
func fuzzFraming(_ input: [UInt8]) {
    var choices = Choices(input)
    let pieceSize = 1 + Int(choices.byte())
    fuzzHead(choices.bytes(upTo: Int(choices.byte())))
    let bytes = Array(choices.rest)
    let whole = Reading(bytes, pieceSize: max(bytes.count, 1))
    let cut = Reading(bytes, pieceSize: pieceSize)
    precondition(whole.messages == cut.messages && whole.error == cut.error, "pieces matter")
    precondition(whole.messages.allSatisfy { $0.count <= Reading.messageBytesMax })
    precondition(
        whole.error == nil || cut.pendingByteCount == 0, "keeps what nobody will ever ask for")
    guard whole.error == nil else { return }
    let headerSize = GRPCFrameReader.headerSize
    let left = bytes.count - whole.messages.reduce(0) { $0 + $1.count + headerSize }
    let pending = left < headerSize ? left : left - headerSize
    precondition(whole.pendingByteCount == pending, "bytes got lost")
}

/// All that one reader makes of some bytes.
private struct Reading {
    static let messageBytesMax = 1000

    private(set) var messages: [[UInt8]] = []
    private(set) var pendingByteCount = 0
    private var failures: [GRPCFramingError] = []

    /// The one that counts: whatever follows it is ignored.
    var error: GRPCFramingError? { failures.first }

    init(_ bytes: [UInt8], pieceSize: Int) {
        var reader = GRPCFrameReader(messageBytesMax: Self.messageBytesMax)
        for start in stride(from: 0, to: bytes.count, by: pieceSize) {
            let piece = Array(bytes[start..<min(start + pieceSize, bytes.count)])
            piece.withUnsafeBytes { raw in
                do throws(GRPCFramingError) {
                    try reader.read(raw) { messages.append($0) }
                } catch {
                    failures.append(error)
                }
            }
        }
        pendingByteCount = reader.pendingByteCount
    }
}

/// Lines of `name value`; what the reader takes for metadata travels back unchanged.
private func fuzzHead(_ text: [UInt8]) {
    let headers = text.split(separator: UInt8(ascii: "\n")).map { line in
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
        return HTTP2Header(
            String(decoding: words.first ?? [], as: UTF8.self),
            String(decoding: words.dropFirst().first ?? [], as: UTF8.self))
    }
    if let head = try? GRPCRequestHead(headers) {
        precondition(!head.service.isEmpty && !head.method.isEmpty, "a call of nothing")
        precondition(head.timeout.map { $0 >= .zero } ?? true, "a deadline in the past")
        let again = try? GRPCMetadata(headers: head.metadata.headers)
        precondition(again == head.metadata, "metadata that changes")
    }
    _ = GRPCMetadata(lenientlyFrom: headers)
}

var framingSeeds: [[UInt8]] {
    let head = Array(
        """
        :method POST
        :path /cmdctl.v1.JobService/StartJob
        content-type application/grpc+proto
        te trailers
        grpc-timeout 20S
        trace-bin AQID,BA==
        x-note plain
        """.utf8)
    let messages: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]
    return [
        [1, 0] + messages,
        [7, UInt8(head.count)] + head + messages,
        [0, 0, 1, 0, 0, 0, 1, 7], [0, 0, 2, 0, 0, 0, 1, 7], [0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
    ]
}
