import CLinux
import CURing
import DequeModule
import Glibc

/// The two rings of io_uring(7): requests on their way into the kernel, completions on their way out.
///
/// Nothing enters the kernel before ``blockingWait(until:)``, which hands over all requests and waits
/// in one system call. The kernel works for this ring only in there, too (DEFER_TASKRUN): so nothing
/// interrupts a handler, and no completion comes while nobody looks.
@safe
final class SubmissionRing {
    /// What the kernel says of a request.
    struct Completion {
        /// Which request.
        let name: RequestName
        /// A count or a descriptor, or a negated error number.
        let result: Int32
        /// The bits of `IORING_CQE_F_…`.
        let flags: UInt32

        /// Whether the request goes on: it is one that completes many times.
        var hasMoreToCome: Bool { flags & IORING_CQE_F_MORE != 0 }

        /// Which provided buffer the request has used, if any.
        var bufferNumber: UInt16? {
            guard flags & IORING_CQE_F_BUFFER != 0 else { return nil }
            return UInt16(flags >> UInt32(IORING_CQE_BUFFER_SHIFT))
        }
    }

    private static let harvest = 256

    private let ring: UnsafeMutablePointer<io_uring>
    private let harvested: UnsafeMutablePointer<curing_completion>
    private let clock = LinuxKernel()
    /// Requests for which the ring had no room: they go in first at the next wait.
    private var backlog: Deque<io_uring_sqe> = []
    /// Requests of which the kernel has yet to say the last word.
    private var outstandingCount = 0
    private var isEnabled = false

    /// Makes rings with room for so many requests and, in the kernel, some times as many completions.
    ///
    /// What finds no room is not lost: requests wait in the backlog, completions in a list of the
    /// kernel's (IORING_FEAT_NODROP). The ring belongs to the thread that waits first.
    init(entries: UInt32) throws(Errno) {
        let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
        unsafe ring.initialize(to: io_uring())
        var parameters = io_uring_params()
        parameters.flags =
            IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED
            | IORING_SETUP_CQSIZE
        parameters.cq_entries = ReactorLimits.completionsPerRequest * entries
        do throws(Errno) {
            try negated("io_uring_setup") {
                unsafe io_uring_queue_init_params(entries, ring, &parameters)
            }
        } catch {
            unsafe ring.deallocate()
            throw error
        }
        unsafe self.ring = ring
        unsafe harvested = .allocate(capacity: Self.harvest)
    }

    deinit {
        unsafe io_uring_queue_exit(ring)
        unsafe ring.deallocate()
        unsafe harvested.deallocate()
    }

    // MARK: Requests

    /// Adds a request, which the kernel sees with the next wait.
    func add(_ name: RequestName, _ request: RingRequest) {
        var entry = request.entry
        entry.user_data = name.rawValue
        if name != .nobody { outstandingCount += 1 }
        if !backlog.isEmpty || !place(entry) { backlog.append(entry) }
    }

    /// Lets requests take buffers of these; the kernel looks at their ring until it is gone itself.
    func register(_ buffers: ProvidedBuffers) throws(Errno) {
        var registration = buffers.registration
        try negated("io_uring_register") {
            unsafe io_uring_register_buf_ring(ring, &registration, 0)
        }
    }

    /// Asks for a request to end early; it still completes.
    func cancel(_ name: RequestName) {
        add(.nobody, .cancel(name))
    }

    private func place(_ entry: io_uring_sqe) -> Bool {
        guard let slot = unsafe io_uring_get_sqe(ring) else { return false }
        unsafe slot.pointee = entry
        return true
    }

    /// Lets the kernel have what waits in the backlog, a ring full at a time.
    private func submitBacklog() throws(Errno) {
        while let entry = backlog.first {
            if place(entry) {
                backlog.removeFirst()
            } else {
                try negated("io_uring_enter") { unsafe io_uring_submit(ring) }
            }
        }
    }

    // MARK: The wait

    /// Hands over all requests and sleeps until something is complete or the deadline has come.
    ///
    /// The name is for profilers: time in here is idle time or the kernel's work for requests, so it
    /// must neither change nor be inlined.
    @inline(never)
    func blockingWait(until deadline: Instant?) throws(Errno) {
        do throws(Errno) {
            if !isEnabled { try enable() }
            try submitBacklog()
            guard let remaining = remaining(until: deadline) else {
                return try unsafe enterAndSleep(nil)
            }
            guard remaining > .zero else { return try enter() }
            var time = __kernel_timespec(remaining)
            try unsafe enterAndSleep(&time)
        } catch .again {
            // The kernel has no memory for a request; it may have when others are done.
            let patience = ReactorLimits.retryPause
            try sleep(atMost: min(remaining(until: deadline) ?? patience, patience))
        } catch .busy {
            // The kernel wants completions taken before it takes another request.
        } catch {
            try ignoreEndOfSleep(error)
        }
    }

    /// How long to sleep; nil for as long as nothing happens.
    private func remaining(until deadline: Instant?) -> Duration? {
        guard let deadline else { return nil }
        return deadline == .distantPast ? .zero : max(.zero, deadline - clock.monotonicNow)
    }

    /// Sleeps without handing over anything: a call that fails to do so would not wait, nor let the
    /// kernel complete what it has.
    private func sleep(atMost duration: Duration) throws(Errno) {
        var first: UnsafeMutablePointer<io_uring_cqe>?
        var time = __kernel_timespec(duration)
        do throws(Errno) {
            try negated("io_uring_enter") {
                unsafe io_uring_wait_cqes(ring, &first, 1, &time, nil)
            }
        } catch {
            try ignoreEndOfSleep(error)
        }
    }

    /// The deadline, or a signal: the loop turns for nothing then and computes its time anew.
    private func ignoreEndOfSleep(_ error: Errno) throws(Errno) {
        guard error == .timerExpired || error == .interrupted else { throw error }
    }

    private func enterAndSleep(_ time: UnsafeMutablePointer<__kernel_timespec>?) throws(Errno) {
        var first: UnsafeMutablePointer<io_uring_cqe>?
        try negated("io_uring_enter") {
            unsafe io_uring_submit_and_wait_timeout(ring, &first, 1, time, nil)
        }
    }

    private func enter() throws(Errno) {
        try negated("io_uring_enter") { unsafe io_uring_submit_and_get_events(ring) }
    }

    /// Makes the ring this thread's, and saves the kernel from looking it up at every turn.
    ///
    /// A thread has room for 16 rings to be found at once; one without is slower, not wrong.
    private func enable() throws(Errno) {
        // Debian's library does not export io_uring_enable_rings.
        try negated("io_uring_register") {
            unsafe io_uring_register(
                UInt32(ring.pointee.ring_fd), UInt32(IORING_REGISTER_ENABLE_RINGS), nil, 0)
        }
        isEnabled = true
        _ = unsafe io_uring_register_ring_fd(ring)
    }

    /// Takes everything that is complete out of the ring.
    func takeCompletions(_ take: (Completion) -> Void) {
        var count = 0
        repeat {
            count = Int(unsafe curing_take(ring, harvested, UInt32(Self.harvest)))
            for index in 0..<count {
                let completion = unsafe Completion(harvested[index])
                if completion.name != .nobody, !completion.hasMoreToCome { outstandingCount -= 1 }
                take(completion)
            }
        } while count == Self.harvest
    }

    // MARK: The end

    /// Cancels everything and waits until the kernel has let go of all memory it was lent.
    ///
    /// Whatever was accepted meanwhile is handed out, since somebody has to close it.
    func stop(_ take: (Completion) -> Void) {
        guard isEnabled else { return }
        forgetRequests()
        add(.nobody, .cancelEverything)
        while outstandingCount > 0 {
            do throws(Errno) {
                try blockingWait(until: nil)
            } catch {
                // EEXIST: the ring answers to the thread that turned it.
                preconditionFailure("a loop is taken apart by another thread: \(error.name)")
            }
            takeCompletions(take)
        }
    }

    /// Makes nothing of the requests that the kernel has not seen: their descriptors may be closed by
    /// now, and the numbers somebody else's.
    private func forgetRequests() {
        let nobody = RequestName.nobody.rawValue
        outstandingCount -= backlog.count { $0.user_data != nobody }
        backlog = []
        let queue = unsafe ring.pointee.sq
        let first = unsafe queue.khead.pointee
        for number in unsafe 0..<queue.sqe_tail &- first {
            let slot = unsafe queue.sqes + Int((first &+ number) & queue.ring_mask)
            if unsafe slot.pointee.user_data != nobody { outstandingCount -= 1 }
            unsafe io_uring_prep_nop(slot)
            unsafe slot.pointee.user_data = nobody
        }
    }
}

extension SubmissionRing.Completion {
    fileprivate init(_ form: curing_completion) {
        name = RequestName(rawValue: form.user_data)
        result = form.result
        flags = form.flags
    }
}

extension __kernel_timespec {
    fileprivate init(_ duration: Duration) {
        let nanoseconds = duration.wholeNanoseconds
        self.init(
            tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    }
}
