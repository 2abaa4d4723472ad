import CURing
import Glibc

/// Buffers that the kernel may fill when something arrives: a ring of them, which belongs to a pool.
///
/// A receive that waits holds none. One that completes has taken the next in the ring, which goes
/// on to whoever waited, without a copy, and another of the pool takes its place.
@safe
final class ProvidedBuffers {
    /// Enough for what arrives in most turns: a receive that finds none comes again.
    ///
    /// Small messages touch a page of each, large ones all of it.
    static let count = 32

    /// The number under which requests know them.
    let group: UInt16
    /// Where they come from.
    let pool: BufferPool

    private let ring: UnsafeMutablePointer<io_uring_buf_ring>
    /// The kernel's for as long as they are in here, by their number.
    private var buffers: [Buffer]

    /// Lays out the ring and fills it; nothing of it is the kernel's yet.
    init(_ pool: BufferPool, group: UInt16) {
        self.pool = pool
        self.group = group
        buffers = (0..<Self.count).map { _ in pool.take() }
        // The kernel holds on to the page, so nothing else is on it.
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        precondition(Self.count * MemoryLayout<io_uring_buf>.stride <= pageSize, "fills a page")
        let memory = UnsafeMutableRawPointer.allocate(byteCount: pageSize, alignment: pageSize)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: pageSize)
        unsafe ring = memory.assumingMemoryBound(to: io_uring_buf_ring.self)
        for number in 0..<Self.count { provide(UInt16(number)) }
    }

    deinit {
        unsafe UnsafeMutableRawPointer(ring).deallocate()
    }

    /// What the kernel is to be told of them.
    var registration: io_uring_buf_reg {
        var registration = io_uring_buf_reg()
        registration.ring_addr = UInt64(UInt(bitPattern: unsafe ring))
        registration.ring_entries = UInt32(Self.count)
        registration.bgid = group
        return registration
    }

    /// Takes out a buffer into which the kernel has put so many bytes, and puts in another.
    func take(_ number: UInt16, count: Int) -> Buffer {
        let buffer = buffers[Int(number)]
        buffer.commit(count)
        buffers[Int(number)] = pool.take()
        provide(number)
        return buffer
    }

    /// Lets the kernel have the buffer of that number.
    func provide(_ number: UInt16) {
        unsafe buffers[Int(number)].withWritableBytes { bytes in
            let mask = io_uring_buf_ring_mask(UInt32(Self.count))
            unsafe io_uring_buf_ring_add(
                ring, bytes.baseAddress, UInt32(bytes.count), number, mask, 0)
        }
        unsafe io_uring_buf_ring_advance(ring, 1)
    }
}
