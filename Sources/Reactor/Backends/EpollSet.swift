import CLinux
import Glibc

/// The epoll instance of epoll(7): arming descriptors and waiting for them.
@safe
final class EpollSet {
    /// What the kernel reports.
    enum Event {
        /// Another thread rang.
        case bell
        /// An armed descriptor is ready, and disarmed by that if it was armed for one event.
        case ready(descriptor: Int32, arming: UInt32, canRead: Bool, canWrite: Bool)
    }

    /// So many events are harvested in one turn; the rest waits in the kernel's list, whose order
    /// gives everybody his turn.
    private static let eventsPerWait: Int32 = 256
    /// No descriptor is negative.
    private static let bellData = UInt64.max

    private let raw: Int32
    private let clock = LinuxKernel()
    private let events: UnsafeMutablePointer<epoll_event>

    /// Makes a set that listens to the bell from the start.
    init(bell: Int32) throws(Errno) {
        raw = try retrying("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        unsafe events = .allocate(capacity: Int(Self.eventsPerWait))
        try control(EPOLL_CTL_ADD, bell, EPOLLIN.rawValue, data: Self.bellData)
    }

    deinit {
        closing(raw)
        unsafe events.deallocate()
    }

    /// Asks for one event of a descriptor, or for events as long as there is cause; each comes with the
    /// number of this arming.
    func arm(
        _ descriptor: Int32, arming: UInt32, forReading: Bool, forWriting: Bool, once: Bool
    ) throws(Errno) {
        let mask =
            (once ? EPOLLONESHOT.rawValue : 0) | (forReading ? EPOLLIN.rawValue : 0)
            | (forWriting ? EPOLLOUT.rawValue : 0)
        let data = UInt64(arming) << 32 | UInt64(UInt32(descriptor))
        do throws(Errno) {
            try control(EPOLL_CTL_MOD, descriptor, mask, data: data)
        } catch .noEntry {
            // The first wait, or the first since another file had this number.
            try control(EPOLL_CTL_ADD, descriptor, mask, data: data)
        }
    }

    /// Forgets a descriptor.
    ///
    /// It may have been closed, and its number be another file's by now: the kernel goes on telling of
    /// a file while somebody has a copy of its descriptor, as a child has until it executes. Then
    /// there is nothing to forget it by, until that copy is closed, too. epoll(7), question 6.
    func disarm(_ descriptor: Int32) {
        _ = epoll_ctl(raw, EPOLL_CTL_DEL, descriptor, nil)
    }

    private func control(
        _ operation: Int32, _ descriptor: Int32, _ mask: UInt32, data: UInt64
    ) throws(Errno) {
        var event = unsafe epoll_event(events: mask, data: epoll_data_t(u64: data))
        _ = try retrying("epoll_ctl") { unsafe epoll_ctl(raw, operation, descriptor, &event) }
    }

    /// Sleeps until something is ready or the deadline has come; answers how many events there are.
    ///
    /// The name is for profilers: time in here is idle time, so it must neither change nor be
    /// inlined.
    @inline(never)
    func blockingWait(until deadline: Instant?) throws(Errno) -> Int {
        guard let deadline else { return try unsafe wait(nil) }
        var remaining = timespec(deadline - clock.monotonicNow)
        return try unsafe wait(&remaining)
    }

    /// A signal ends the wait early; the loop then turns for nothing and computes its time anew.
    private func wait(_ timeout: UnsafePointer<timespec>?) throws(Errno) -> Int {
        do throws(Errno) {
            return Int(
                try once("epoll_pwait2") {
                    unsafe epoll_pwait2(raw, events, Self.eventsPerWait, timeout, nil)
                })
        } catch .interrupted {
            return 0
        }
    }

    /// One of the events the last wait has found.
    func event(at index: Int) -> Event {
        let event = unsafe events[index]
        let (data, mask) = unsafe (event.data.u64, event.events)
        guard data != Self.bellData else { return .bell }
        // An error or a hang-up is what both directions wait for: the next call tells which it is.
        let broken = mask & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        return .ready(
            descriptor: Int32(truncatingIfNeeded: data), arming: UInt32(data >> 32),
            canRead: broken || mask & EPOLLIN.rawValue != 0,
            canWrite: broken || mask & EPOLLOUT.rawValue != 0)
    }
}

extension timespec {
    /// A time to sleep, none if it has passed already.
    init(_ duration: Duration) {
        let nanoseconds = max(0, duration.wholeNanoseconds)
        self.init(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
