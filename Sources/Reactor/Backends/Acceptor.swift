import DequeModule
import Glibc

/// One listening socket: a request that accepts again and again, and who is given what it accepts.
///
/// The kernel accepts a burst as a whole, also what nobody has asked for yet. That waits here, and
/// while it does or nobody asks, the request is taken back: the rest stays in the kernel's backlog,
/// as the listener wants it when it rests.
final class Acceptor {
    /// What is to be done with the request in the kernel.
    enum Order: Equatable {
        case begin
        case end
    }

    /// What has come of an accept that was asked for.
    typealias Answer = (token: Token, outcome: Outcome)

    /// The descriptor of the socket.
    let listener: Int32
    private let socket: SocketIdentity?
    private var early: Deque<Int32> = []
    private var asking: Token?
    private var isCanceled = false
    private var request = Request.none

    private enum Request {
        case none
        case running
        case ending
    }

    /// Begins with nothing asked for.
    init(_ listener: Int32) {
        self.listener = listener
        socket = SocketIdentity(of: listener)
    }

    deinit {
        early.forEach(closing)
    }

    /// Whether the number is still, or again, that of the same socket: nobody says when it is closed.
    var isCurrent: Bool { socket != nil && SocketIdentity(of: listener) == socket }

    /// Whether it can be forgotten: nothing is left of it, or only connections to a socket that was
    /// closed while nobody asked.
    var isOver: Bool {
        request == .none && asking == nil && (early.isEmpty || !isCurrent)
    }

    // MARK: Events

    /// Somebody asks for a connection; answered at once if one is here.
    func ask(_ token: Token) -> Answer? {
        precondition(asking == nil, "one accept at a time")
        if let raw = early.popFirst() { return (token, .success(Int(raw))) }
        asking = token
        isCanceled = false
        return nil
    }

    /// The accept is not wanted any more; whether it was one of this socket.
    func cancel(_ token: Token) -> Bool {
        guard asking == token else { return false }
        isCanceled = true
        return true
    }

    /// What the request is to do next, asked before the loop waits.
    func nextOrder() -> Order? {
        let isWanted = asking != nil && !isCanceled
        switch request {
        case .none where isWanted:
            request = .running
            return .begin
        case .running where !isWanted:
            request = .ending
            return .end
        case .none, .running, .ending:
            return nil
        }
    }

    /// An accept that was cancelled before the kernel knew of it.
    func takeCanceled() -> Answer? {
        guard request == .none, isCanceled, let token = asking else { return nil }
        asking = nil
        return (token, .failure(.canceled))
    }

    /// The kernel has accepted a connection, or says why not.
    func completed(_ outcome: Outcome, isLast: Bool) -> Answer? {
        if isLast { request = .none }
        if case .success(let raw) = outcome { early.append(Int32(raw)) }
        if isCanceled { return isLast ? giveUp() : nil }
        guard let token = asking else { return nil }
        switch outcome {
        case .success:
            asking = nil
            return early.popFirst().map { (token, .success(Int($0))) }
        // Taken back for want of somebody who asks, who has come meanwhile: it begins again.
        case .failure(.canceled), .failure(.interrupted):
            return nil
        case .failure:
            asking = nil
            return (token, outcome)
        }
    }

    /// Who cancels an accept closes its socket: what was accepted early goes as the backlog does.
    private func giveUp() -> Answer? {
        early.forEach(closing)
        early = []
        return takeCanceled()
    }
}

/// Tells sockets apart that have had the same number.
struct SocketIdentity: Equatable {
    private let device: UInt64
    private let inode: UInt64

    /// Asks the kernel; nil if no descriptor has the number.
    init?(of raw: Int32) {
        var status = stat()
        guard unsafe fstat(raw, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
