import Reactor

/// Puts the time before each line of a stream, wherever the stream was cut into pieces.
struct LineStamper {
    private var streamsInLine: Set<OutputStream> = []

    /// `bytes` with the time before each line that begins in it.
    mutating func stamped(
        _ bytes: UnsafeRawBufferPointer, of stream: OutputStream, at time: Timestamp
    ) -> [UInt8] {
        let stamp = Array("\(time.rfc3339) ".utf8)
        var stamped: [UInt8] = []
        stamped.reserveCapacity(bytes.count + 4 * stamp.count)
        var isInLine = streamsInLine.contains(stream)
        for byte in bytes {
            if !isInLine { stamped += stamp }
            stamped.append(byte)
            isInLine = byte != UInt8(ascii: "\n")
        }
        if isInLine { streamsInLine.insert(stream) } else { streamsInLine.remove(stream) }
        return stamped
    }
}
