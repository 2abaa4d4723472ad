/// Bytes that any number of readers hold on to, each at a place of its own.
///
/// With the last reader their buffer goes back to the pool it came from, so that nobody has to say
/// that it is done.
@safe
package final class SharedBytes {
    private let buffer: Buffer
    private let pool: BufferPool?

    /// Takes over a buffer, of which nobody else makes use any more.
    ///
    /// - Parameters:
    ///   - buffer: its readable bytes are shared.
    ///   - pool: where it goes in the end; nil lets it go.
    package init(_ buffer: Buffer, returningTo pool: BufferPool? = nil) {
        self.buffer = buffer
        self.pool = pool
    }

    deinit {
        pool?.giveBack(buffer)
    }

    /// How many bytes there are.
    package var count: Int { buffer.readableCount }

    /// Lends the bytes out.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe buffer.withReadableBytes(body)
    }

    /// A copy of the bytes, for tests and small things.
    package var bytes: [UInt8] { buffer.bytes }
}
