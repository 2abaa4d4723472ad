import CLinux
import CURing
import Glibc

/// Names a request in the ring: most are operations, by their token.
struct RequestName: Equatable, RawRepresentable {
    /// The 64 bits that come back with the completion.
    let rawValue: UInt64

    /// What nobody waits for: a cancellation, which is told by what it has cancelled.
    static let nobody = RequestName(rawValue: .max)
    /// The bell for other threads.
    static let bell = RequestName(rawValue: .max - 1)

    /// The operation with that token; no table has so many slots that it could be one of the above.
    init(_ token: Token) {
        self.init(rawValue: UInt64(token.generation) << 32 | UInt64(token.index))
    }

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The lower half of the names of acceptors.
    private static let acceptorMark = UInt32.max - 2

    /// What accepts for the listener of that number.
    static func acceptor(_ number: UInt32) -> RequestName {
        RequestName(rawValue: UInt64(number) << 32 | UInt64(acceptorMark))
    }

    /// Whether it accepts for a listener.
    var isAcceptor: Bool { UInt32(truncatingIfNeeded: rawValue) == Self.acceptorMark }

    /// Which listener it accepts for.
    var acceptorNumber: UInt32 { UInt32(rawValue >> 32) }

    /// The operation it names.
    var token: Token {
        Token(
            index: UInt32(truncatingIfNeeded: rawValue), generation: UInt32(rawValue >> 32))
    }
}

/// What the ring is asked for: a prepared entry, still without a name.
///
/// Memory that it points to belongs to the kernel until the request is complete.
struct RingRequest {
    private(set) var entry = io_uring_sqe()

    private init(_ prepare: (UnsafeMutablePointer<io_uring_sqe>) -> Void) {
        unsafe withUnsafeMutablePointer(to: &entry) { unsafe prepare($0) }
    }

    /// What requests with an offset take for the position of a stream: io_uring_prep_read(3).
    private static let streamPosition = UInt64.max

    /// Accepts once, or all that come until it is cancelled.
    static func accept(_ listener: Int32, again: Bool) -> RingRequest {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return unsafe RingRequest {
            unsafe io_uring_prep_accept($0, listener, nil, nil, flags)
            if again { unsafe $0.pointee.ioprio |= UInt16(IORING_ACCEPT_MULTISHOT) }
        }
    }

    static func connect(_ raw: Int32, to address: Buffer?) -> RingRequest {
        guard let address else { preconditionFailure("a connect has an address") }
        return unsafe address.withReadableBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return unsafe RingRequest {
                unsafe io_uring_prep_connect($0, raw, start, socklen_t(bytes.count))
            }
        }
    }

    static func receive(_ raw: Int32, into buffer: Buffer) -> RingRequest {
        unsafe buffer.withWritableBytes { bytes in
            unsafe RingRequest {
                unsafe io_uring_prep_recv($0, raw, bytes.baseAddress, bytes.count, 0)
            }
        }
    }

    /// Waits first, since most of the time nothing is there yet, and takes a buffer of the group when
    /// something has come.
    ///
    /// One receive for each request. A multishot one cost as much processor time for each message
    /// (5 µs, with 16 connections that ask and are answered), and has to be stopped, with what it
    /// has taken meanwhile, whenever a connection is not to be read.
    static func receive(_ raw: Int32, fromGroup group: UInt16) -> RingRequest {
        unsafe RingRequest {
            unsafe io_uring_prep_recv($0, raw, nil, 0, 0)
            unsafe $0.pointee.ioprio |= UInt16(IORING_RECVSEND_POLL_FIRST)
            unsafe $0.pointee.flags |= UInt8(1 << IOSQE_BUFFER_SELECT_BIT)
            unsafe $0.pointee.buf_group = group
        }
    }

    static func send(_ raw: Int32, from buffer: Buffer) -> RingRequest {
        unsafe buffer.withReadableBytes { bytes in
            unsafe RingRequest {
                // A peer that is gone is an error of this operation, not a signal to the process.
                let flags = Int32(MSG_NOSIGNAL)
                unsafe io_uring_prep_send($0, raw, bytes.baseAddress, bytes.count, flags)
            }
        }
    }

    static func readFile(_ raw: Int32, at offset: UInt64, count: Int, into buffer: Buffer)
        -> RingRequest
    {
        unsafe buffer.withWritableBytes { bytes in
            unsafe RingRequest {
                unsafe io_uring_prep_read($0, raw, bytes.baseAddress, UInt32(count), offset)
            }
        }
    }

    static func readStream(_ raw: Int32, into buffer: Buffer) -> RingRequest {
        readFile(raw, at: streamPosition, count: buffer.writableCount, into: buffer)
    }

    /// Completes once, when the descriptor is ready.
    static func poll(_ raw: Int32, _ direction: Direction) -> RingRequest {
        let events =
            switch direction {
            case .read: POLLIN
            case .write: POLLOUT
            }
        return unsafe RingRequest { unsafe io_uring_prep_poll_add($0, raw, UInt32(events)) }
    }

    /// Says nothing when it has worked: what it has cancelled does (IOSQE_CQE_SKIP_SUCCESS, 5.17).
    static func cancel(_ name: RequestName) -> RingRequest {
        unsafe RingRequest {
            unsafe io_uring_prep_cancel64($0, name.rawValue, 0)
            unsafe $0.pointee.flags |= UInt8(1 << IOSQE_CQE_SKIP_SUCCESS_BIT)
        }
    }

    static var cancelEverything: RingRequest {
        let flags = Int32(IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL)
        return unsafe RingRequest { unsafe io_uring_prep_cancel64($0, 0, flags) }
    }
}
