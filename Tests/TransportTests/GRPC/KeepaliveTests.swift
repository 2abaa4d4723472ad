import Reactor
import Testing

@testable import Transport

/// Who does not read is not heard either: over real sockets, the watch tells the slow from the dead.
@Suite(.timeLimit(.minutes(10)))
struct KeepaliveTests {
    private static let stalledSend = Duration.seconds(1)

    @Test func `who is silent and takes nothing has the time for that`() throws {
        let watched = try WatchedPeer(stalledSend: Self.stalledSend)
        try watched.loopback.run { watched.server.closeReason != nil }
        #expect(watched.server.closeReason == .keepaliveTimeout)
        #expect(watched.lasted >= Self.stalledSend)
    }

    @Test func `who talks and takes nothing has no more, and is not read`() throws {
        let watched = try WatchedPeer(stalledSend: Self.stalledSend)
        while watched.server.closeReason == nil {
            try watched.peer.send([1])
            try watched.wait(.milliseconds(50))
        }
        #expect(watched.server.closeReason == .keepaliveTimeout)
        #expect(watched.lasted >= Self.stalledSend)
        #expect(watched.server.received == [1])
    }

    @Test func `who has read what waited is asked, and not given up before`() throws {
        let watched = try WatchedPeer(stalledSend: .seconds(60))
        try watched.wait(.milliseconds(500))
        #expect(watched.askedCount == 0, "a question would wait as well")
        try watched.peer.receive(untilCount: WatchedPeer.byteCount)
        try watched.loopback.run { watched.askedCount > 0 }
        #expect(watched.server.closeReason == nil)
        try watched.loopback.run { watched.server.closeReason != nil }
        #expect(watched.server.closeReason == .keepaliveTimeout)
    }
}

/// A client that has said a byte and does not read, and a server's end that has more for it than the
/// kernel takes, and watches over its silence: asked after 100 ms, given up after 100 more.
private final class WatchedPeer {
    static let byteCount = 20_000_000

    let loopback: Loopback
    let server: RecordingApplication
    let peer: StubbornPeer
    private(set) var askedCount = 0
    private let began: Instant
    private var keepalive: Keepalive?

    init(stalledSend: Duration) throws {
        loopback = try Loopback(TestAuthorities(), isEncrypted: false)
        peer = try StubbornPeer(of: loopback)
        try peer.send([1])
        try loopback.run { [loopback] in loopback.accepted.first?.received == [1] }
        server = loopback.accepted[0]
        began = loopback.reactor.now
        server.say([UInt8](repeating: 2, count: Self.byteCount))
        try loopback.runSeveralTurns()
        watch(stalledSend)
    }

    /// How long the server has borne it.
    var lasted: Duration { loopback.reactor.now - began }

    /// Lets things happen for that long.
    func wait(_ duration: Duration) throws {
        var isOver = false
        loopback.reactor.schedule(after: duration) { isOver = true }
        try loopback.run { isOver }
    }

    private func watch(_ stalledSend: Duration) {
        guard let control = server.control else { preconditionFailure("the peer has been heard") }
        var limits = GRPCLimits()
        limits.keepaliveIdle = .milliseconds(100)
        limits.keepaliveTimeout = .milliseconds(100)
        limits.stalledSend = stalledSend
        let keepalive = Keepalive(
            control, limits: limits, isNeeded: { true },
            ask: { [unowned self] in
                askedCount += 1
                server.say([3])
            },
            giveUp: { [unowned self] in server.control?.close(.keepaliveTimeout) })
        self.keepalive = keepalive
        server.onReceive = { keepalive.heard() }
    }
}
