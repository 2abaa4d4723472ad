import Reactor
import Testing

@testable import Transport

/// A listener on a machine that has run out of descriptors.
@Suite(.timeLimit(.minutes(10)))
struct ListenerTests {
    /// Epoll, but accept fails for as long as the test wants.
    final class StarvingBackend: Backend {
        var isStarving = true
        private(set) var acceptCount = 0
        private let real: EpollBackend
        private var starved: [Token] = []

        init() throws { real = try EpollBackend() }

        var name: String { real.name }
        var inbox: Inbox<ReactorNews> { real.inbox }

        func submit(_ operation: Operation, as token: Token) {
            if case .accept = operation {
                acceptCount += 1
                if isStarving { return starved.append(token) }
            }
            real.submit(operation, as: token)
        }

        func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome? {
            real.sendAtOnce(raw, from: buffer)
        }

        func cancel(_ token: Token) { real.cancel(token) }

        func wait(
            until deadline: Instant?, into completions: inout CompletionQueue
        ) throws(Errno) {
            let mustNotWait = !starved.isEmpty
            try real.wait(
                until: mustNotWait ? Instant(nanoseconds: 0) : deadline, into: &completions)
            for token in starved { completions.append(token, .failure(.tooManyFiles)) }
            starved = []
        }

        func perform(on kind: WorkerKind, _ work: @escaping @Sendable () -> Void) {
            real.perform(on: kind, work)
        }
    }

    @Test func `out of descriptors it rests, says so once, and goes on`() throws {
        let backend = try StarvingBackend()
        var limits = TransportLimits()
        limits.acceptPause = .milliseconds(2)
        let loopback = try Loopback(
            TestAuthorities(), isEncrypted: false, limits: limits,
            reactor: Reactor(backend: backend, kernel: LinuxKernel()))
        loopback.onAccept = { $0.echoes = true }
        let client = try loopback.connect()
        client.say([3])
        try loopback.run { backend.acceptCount >= 5 }
        #expect(loopback.reports == [.tooManyFiles], "once a minute")
        #expect(loopback.accepted.isEmpty)
        backend.isStarving = false
        try loopback.run { client.received == [3] }
    }

    @Test func `a closed listener lets go of its port`() throws {
        let loopback = try Loopback(TestAuthorities(), isEncrypted: false)
        let address = loopback.address
        loopback.closeListener()
        try loopback.run { loopback.reactor.isIdle }
        _ = try loopback.reactor.kernel.listen(on: address, backlog: 1)
    }
}
