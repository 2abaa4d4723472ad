import JobsAPI
import Reactor
import SwiftProtobuf

/// One message of a `GetOutput` stream, read by hand.
///
/// Decoding 64 KiB of data into an object copies it and costs several times as much as writing it
/// to a pipe does; here the data stays where it was received. Gap and end come once in a while and
/// are left to SwiftProtobuf.
struct OutputMessage {
    /// Bytes of one stream that stand together.
    struct Run: Equatable {
        var length: Int
        var stream: OutputStream
        var time: Timestamp
    }

    private(set) var offset: UInt64 = 0
    /// Where in the message the data is.
    private(set) var data: Range<Int> = 0..<0
    private(set) var runs: [Run] = []
    private(set) var gap: Cmdctl_V1_OutputGap?
    private(set) var end: Cmdctl_V1_OutputEnd?

    init(_ bytes: [UInt8]) throws(WireReader.Malformed) {
        var reader = WireReader(bytes)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .varint(let offset)): self.offset = offset
            case (2, .bytes(let range)): data = range
            case (3, .bytes(let range)): runs.append(try Run(bytes, in: range))
            case (4, .bytes(let range)): try Self.merge(bytes[range], into: &gap)
            case (5, .bytes(let range)): try Self.merge(bytes[range], into: &end)
            default: continue
            }
        }
    }

    /// The runs, made to cover the data exactly: what no run speaks of went to standard output.
    var coveringRuns: [Run] {
        var rest = data.count
        var covering = runs.map { run in
            let length = min(run.length, rest)
            rest -= length
            return Run(length: length, stream: run.stream, time: run.time)
        }
        if rest > 0 {
            let time = runs.last?.time ?? Timestamp(nanoseconds: 0)
            covering.append(Run(length: rest, stream: .standardOutput, time: time))
        }
        return covering.filter { $0.length > 0 }
    }

    private static func merge<Part: Message>(
        _ bytes: ArraySlice<UInt8>, into part: inout Part?
    ) throws(WireReader.Malformed) {
        var merged = part ?? Part()
        do {
            try merged.merge(serializedBytes: Array(bytes))
        } catch {
            throw WireReader.Malformed()
        }
        part = merged
    }
}

extension OutputMessage.Run {
    fileprivate init(_ bytes: [UInt8], in range: Range<Int>) throws(WireReader.Malformed) {
        self.init(length: 0, stream: .standardOutput, time: Timestamp(nanoseconds: 0))
        var reader = WireReader(bytes, in: range)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .varint(let length)): self.length = Int(UInt32(truncatingIfNeeded: length))
            case (2, .varint(let stream)):
                self.stream = stream == 2 ? .standardError : .standardOutput
            case (3, .bytes(let range)): time = try Self.time(bytes, in: range)
            default: continue
            }
        }
    }

    /// google.protobuf.Timestamp: seconds 1, nanoseconds 2.
    private static func time(
        _ bytes: [UInt8], in range: Range<Int>
    ) throws(WireReader.Malformed) -> Timestamp {
        var time = Google_Protobuf_Timestamp()
        var reader = WireReader(bytes, in: range)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .varint(let seconds)): time.seconds = Int64(bitPattern: seconds)
            case (2, .varint(let nanos)): time.nanos = Int32(truncatingIfNeeded: nanos)
            default: continue
            }
        }
        return Timestamp(time)
    }
}
