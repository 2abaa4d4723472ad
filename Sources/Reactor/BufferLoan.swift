/// Where a receive gets its buffer from once there is something to receive.
///
/// So thousands may wait at a time and hold none. A reference, because the operation fills it and its
/// owner empties it. Who receives from one stream again and again does so through one loan, and
/// through no other stream's: by that a backend knows the stream again.
package final class BufferLoan {
    /// Whose buffers are lent.
    package let pool: BufferPool

    private var lent: Buffer?

    /// Prepares a loan; nothing is lent yet.
    package init(from pool: BufferPool) {
        self.pool = pool
    }

    /// Whether nothing is lent.
    package var isVacant: Bool { lent == nil }

    /// Takes over the buffer with what was received, to be given back to the pool; nil if nothing was.
    package func take() -> Buffer? {
        lent.take()
    }

    /// Leaves a buffer of the pool's with received bytes for the owner: for backends.
    package func lend(_ buffer: Buffer) {
        precondition(lent == nil, "what was lent before has not been taken")
        precondition(buffer.readableCount > 0, "lends a buffer without bytes")
        lent = buffer
    }
}
