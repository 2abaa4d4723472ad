import CLinux
import Glibc

/// The real kernel.
///
/// It holds no state, so one is as good as another; the files beside this one add a chapter each.
package final class LinuxKernel: Kernel {
    /// Makes the real kernel available.
    package init() {}

    package var monotonicNow: Instant {
        let time = read(CLOCK_MONOTONIC)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package var processorTime: Duration {
        let time = read(CLOCK_THREAD_CPUTIME_ID)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    package var wallClockNow: Timestamp {
        let time = read(CLOCK_REALTIME)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let answer = unsafe clock_gettime(clock, &time)
        precondition(answer == 0, "every Linux has these clocks")
        return time
    }

    /// How many descriptors this process may have open at a time; setrlimit(2).
    var descriptorLimit: Int {
        var limits = rlimit()
        let answer = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        precondition(answer == 0, "every process has this limit")
        return Int(clamping: limits.rlim_cur)
    }

    package func fillRandom(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
            while filled < count {
                let start = unsafe bytes.baseAddress.map { unsafe $0 + filled }
                let wanted = count - filled
                let got = try? retrying("getrandom") { unsafe getrandom(start, wanted, 0) }
                guard let got else { preconditionFailure("no kernel refuses random bytes") }
                filled += got
            }
        }
    }

    package func releaseFreeMemory() {
        malloc_trim(0)
    }

    /// Keeps what is as large out of the heap, where something behind it would keep it from being
    /// given back.
    ///
    /// Otherwise malloc(3) puts there whatever is as large as something that was free once, up to
    /// 32 MiB. mallopt(3), M_MMAP_THRESHOLD.
    package func mapMemory(from byteCount: Int) {
        mallopt(M_MMAP_THRESHOLD, Int32(byteCount))
    }

    package func close(_ raw: Int32) {
        closing(raw)
    }

    package func makePipe() throws(Errno) -> PipeEnds {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try retrying("pipe2") {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe clinux_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress)
            }
        }
        return PipeEnds(
            read: OwnedDescriptor(ends.0, of: self), write: OwnedDescriptor(ends.1, of: self))
    }

    /// Takes over a descriptor that a call has just made.
    func owned(_ raw: Int32) -> OwnedDescriptor {
        OwnedDescriptor(raw, of: self)
    }
}
