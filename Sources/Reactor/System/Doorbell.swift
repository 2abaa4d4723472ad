import CLinux
import Glibc

/// Wakes one thread from any other, through eventfd(2).
final class Doorbell: Sendable {
    /// The descriptor, readable while it rings.
    let raw: Int32

    /// Makes a bell; `wait` needs a blocking one, `silence` one that is not.
    init(isBlocking: Bool) throws(Errno) {
        let flags = Int32(EFD_CLOEXEC) | (isBlocking ? 0 : Int32(EFD_NONBLOCK))
        raw = try retrying("eventfd") { eventfd(0, flags) }
    }

    deinit {
        closing(raw)
    }

    /// Rings, from any thread; a bell that rings already stays as it is.
    func ring() {
        var one: UInt64 = 1
        _ = outcome(of: "write") { unsafe write(raw, &one, MemoryLayout<UInt64>.size) }
    }

    /// Sleeps until somebody rings; the bell is silent again afterwards.
    func wait() {
        silence()
    }

    /// Silences the bell; whoever rings after this wakes its owner again.
    func silence() {
        var count: UInt64 = 0
        _ = outcome(of: "read") { unsafe read(raw, &count, MemoryLayout<UInt64>.size) }
    }
}
