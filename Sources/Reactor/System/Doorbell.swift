import CLinux
import Glibc

/// Wakes one thread from any other, through eventfd(2).
final class Doorbell: Sendable {
    /// The descriptor, readable while it rings.
    let raw: Int32

    /// Makes a bell: one that counts wakes as many as it was rung, each by `wait`; of the other kind
    /// all that it rang before it is silenced is one.
    init(counts: Bool) throws(Errno) {
        let flags = Int32(EFD_CLOEXEC) | Int32(counts ? EFD_SEMAPHORE : EFD_NONBLOCK)
        raw = try retrying("eventfd") { eventfd(0, flags) }
    }

    deinit {
        closing(raw)
    }

    /// Rings, from any thread.
    func ring() {
        var one: UInt64 = 1
        _ = outcome(of: "write") { unsafe write(raw, &one, MemoryLayout<UInt64>.size) }
    }

    /// Sleeps until there is a ring that has woken nobody; for a bell that counts.
    func wait() {
        silence()
    }

    /// Silences the bell, or takes one ring of one that counts; whoever rings after this wakes its
    /// owner again.
    func silence() {
        var count: UInt64 = 0
        _ = outcome(of: "read") { unsafe read(raw, &count, MemoryLayout<UInt64>.size) }
    }
}
