import Reactor

/// What all followers read into: lent for a look, or until all have used a chunk.
///
/// Ten thousand followers that wake for one new line must not take ten thousand large buffers, so
/// there are small ones too.
final class FollowerBuffers {
    private let large: BufferPool
    private let small: BufferPool

    init(limits: JobLimits) {
        large = BufferPool(bufferCapacity: limits.chunkBytes, keptAtMost: limits.keptBuffers)
        small = BufferPool(bufferCapacity: limits.smallBufferBytes, keptAtMost: limits.keptBuffers)
    }

    /// An empty buffer with room for `count` bytes, at most those of a chunk.
    func take(roomFor count: Int) -> Buffer {
        precondition(count <= large.bufferCapacity, "more than a chunk")
        return count <= small.bufferCapacity ? small.take() : large.take()
    }

    /// Takes a buffer back.
    func giveBack(_ buffer: Buffer) {
        pool(of: buffer).giveBack(buffer)
    }

    /// Lets any number of followers use what was read; with the last of them the buffer comes back.
    func share(_ buffer: Buffer) -> SharedBytes {
        SharedBytes(buffer, returningTo: pool(of: buffer))
    }

    private func pool(of buffer: Buffer) -> BufferPool {
        buffer.capacity == small.bufferCapacity ? small : large
    }
}
