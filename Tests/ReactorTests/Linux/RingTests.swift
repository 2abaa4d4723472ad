import Glibc
import TestSupport
import Testing

@testable import Reactor

/// What only a ring can get wrong: its room, its memory, and what it takes ahead of its time.
@Suite(.timeLimit(.minutes(10))) struct RingTests {
    private let kernel = LinuxKernel()

    private func makeReactor(entries: UInt32, descriptors: Int = 1024) throws -> Reactor {
        let backend = try IOUringBackend(entries: entries, descriptors: descriptors)
        return Reactor(backend: backend, kernel: kernel)
    }

    /// Turns until something has come about.
    private func turn(_ reactor: Reactor, until isDone: () -> Bool) throws {
        var isOverdue = false
        let watchdog = reactor.schedule(after: .seconds(30)) { isOverdue = true }
        defer { reactor.cancel(watchdog) }
        while !isDone() {
            if isOverdue { throw Machine.Overdue() }
            try reactor.turn()
        }
    }

    @Test func `more is asked for, and done, at a time than the rings have room for`() throws {
        let reactor = try makeReactor(entries: 2)
        let pipe = try kernel.makePipe()
        let pair = try kernel.makeSocketPair()
        // Two requests and eight completions fit; all these complete in one system call.
        var ready = 0
        for _ in 0..<1000 {
            reactor.submit(.awaitReadable(pipe.read.raw)) { _ in ready += 1 }
        }
        var sent = 0
        for _ in 0..<100 {
            reactor.submit(.send(pair.first.raw, from: Buffer("x"))) { outcome in
                if outcome == .success(1) { sent += 1 }
            }
        }
        reactor.submit(.writeStream(pipe.write.raw, from: Buffer("news"))) { _ in }
        try turn(reactor) { ready == 1000 && sent == 100 }
        #expect(reactor.isIdle)
    }

    @Test func `all can be cancelled when there is no room`() throws {
        let reactor = try makeReactor(entries: 2)
        let pipe = try kernel.makePipe()
        var outcomes: [Outcome] = []
        let tokens = (0..<500).map { _ in
            reactor.submit(.awaitReadable(pipe.read.raw)) { outcomes.append($0) }
        }
        tokens.forEach(reactor.cancel)
        try turn(reactor) { outcomes.count == 500 }
        #expect(outcomes.allSatisfy { $0 == .failure(.canceled) })
    }

    @Test func `a ring that is given up lets go of memory and descriptors first`() throws {
        let pair = try kernel.makeSocketPair()
        weak var buffer: Buffer?
        do {
            let reactor = try makeReactor(entries: 8)
            let waiting = Buffer(capacity: 64)
            buffer = waiting
            reactor.submit(.receive(pair.first.raw, into: waiting)) { _ in }
            reactor.submit(.awaitReadable(pair.first.raw)) { _ in }
            reactor.atEndOfTurn {}
            try reactor.turn()
            reactor.dismantle()
        }
        #expect(buffer == nil)
        // Nobody takes what comes later.
        let reactor = try makeReactor(entries: 8)
        reactor.submit(.send(pair.second.raw, from: Buffer("late"))) { _ in }
        let fresh = Buffer(capacity: 64)
        var outcome: Outcome?
        reactor.submit(.receive(pair.first.raw, into: fresh)) { outcome = $0 }
        try turn(reactor) { outcome != nil }
        #expect(fresh.text == "late")
    }

    @Test func `what a ring that is given up has not handed over never happens`() throws {
        let pair = try kernel.makeSocketPair()
        do {
            let reactor = try makeReactor(entries: 2)
            reactor.atEndOfTurn {}
            try reactor.turn()
            // More than the ring has room for.
            for _ in 0..<5 { reactor.submit(.send(pair.first.raw, from: Buffer("x"))) { _ in } }
            reactor.dismantle()
        }
        let reactor = try makeReactor(entries: 2)
        var outcome: Outcome?
        let token = reactor.submit(.receive(pair.second.raw, into: Buffer(capacity: 9))) {
            outcome = $0
        }
        reactor.atEndOfTurn { reactor.cancel(token) }
        try turn(reactor) { outcome != nil }
        #expect(outcome == .failure(.canceled))
    }

    @Test func `a listener that is closed while it accepts gives its port back`() throws {
        let reactor = try makeReactor(entries: 8)
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 8)
        let address = try kernel.localAddress(of: listener.raw)
        var outcome: Outcome?
        let token = reactor.submit(.accept(listener: listener.raw)) { outcome = $0 }
        reactor.atEndOfTurn {}
        try reactor.turn()
        reactor.cancel(token)
        try turn(reactor) { outcome != nil }
        #expect(outcome == .failure(.canceled))
        kernel.close(listener.release())
        // EADDRINUSE, were it still open somewhere.
        kernel.close(try kernel.listen(on: address, backlog: 8).release())
    }
}
