/// Decides when a client lets the server send more of a stream.
///
/// Bytes that arrive while the receiver has dealt with everything it was given are granted again
/// at once: a message may be larger than the window, and would otherwise never become whole.
/// While the receiver is behind they are held back until it catches up, so that what waits for it
/// stays within a window and the message being assembled.
struct ReceiveCredit {
    /// Bytes of messages the receiver has and has not consumed.
    private(set) var owed = 0
    /// Bytes not granted again yet.
    private(set) var withheld = 0

    /// Bytes came.
    ///
    /// Returns how many to grant.
    mutating func arrived(_ byteCount: Int) -> Int {
        guard owed > 0 else { return byteCount }
        withheld += byteCount
        return 0
    }

    /// A message of so many bytes went to the receiver.
    mutating func delivered(_ byteCount: Int) {
        owed += byteCount
    }

    /// The receiver is done with so many bytes.
    ///
    /// Returns how many to grant.
    mutating func consumed(_ byteCount: Int) -> Int {
        precondition(byteCount <= owed, "consumes more than was received")
        owed -= byteCount
        let granted = owed == 0 ? withheld : min(withheld, byteCount)
        withheld -= granted
        return granted
    }

    /// The stream is gone.
    ///
    /// Returns how many bytes to grant: the connection still counts them.
    mutating func close() -> Int {
        defer { withheld = 0 }
        return withheld
    }
}
