/// Buffers of one size, kept for reuse: an idle connection holds none, a busy one asks no allocator.
package final class BufferPool {
    /// What every buffer of this pool has room for.
    package let bufferCapacity: Int

    /// How many buffers are taken and not given back.
    package private(set) var lentCount = 0

    /// How many buffers are kept between their uses, at most.
    package let keptAtMost: Int

    private var kept: [Buffer] = []

    /// Makes an empty pool that keeps up to `keptAtMost` buffers between their uses.
    package init(bufferCapacity: Int, keptAtMost: Int) {
        precondition(keptAtMost >= 0, "a pool cannot keep less than nothing")
        self.bufferCapacity = bufferCapacity
        self.keptAtMost = keptAtMost
    }

    /// An empty buffer, which the caller owns until it gives it back.
    package func take() -> Buffer {
        lentCount += 1
        return kept.popLast() ?? Buffer(capacity: bufferCapacity)
    }

    /// Takes a buffer back; one that has grown, or is one too many, is let go.
    package func giveBack(_ buffer: Buffer) {
        assert(!kept.contains { $0 === buffer }, "given back twice")
        lentCount -= 1
        guard kept.count < keptAtMost, buffer.capacity == bufferCapacity else { return }
        buffer.clear()
        kept.append(buffer)
    }

    /// How many buffers lie unused.
    package var keptCount: Int { kept.count }
}
