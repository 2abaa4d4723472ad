import Reactor
import Simulator
import TestSupport
import Testing

/// What operations on pipes and sockets promise.
///
/// The goal is that a program cannot tell the machines apart; the method is to run each test on all.
@Suite(.timeLimit(.minutes(10))) struct StreamTests {
    @Test(arguments: MachineKind.all)
    func `completes each operation exactly once, and never while it is submitted`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        var completions: [Int] = []
        var isSubmitting = true
        for index in 0..<100 {
            machine.reactor.submit(.send(pair.first.raw, from: Buffer("x"))) { outcome in
                #expect(!isSubmitting)
                #expect(outcome == .success(1))
                completions.append(index)
            }
        }
        isSubmitting = false
        try machine.turn { completions.count == 100 }
        #expect(completions == Array(0..<100))
        #expect(machine.reactor.isIdle)
    }

    @Test(arguments: MachineKind.all)
    func `what is sent at once is not sent again, and what is not can be submitted`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let unsent = Buffer(bytes)
        while unsent.readableCount > 0 {
            let before = unsent.readableCount
            guard let outcome = machine.reactor.sendAtOnce(pair.first.raw, from: unsent) else {
                #expect(unsent.readableCount == before)
                break
            }
            #expect(outcome == .success(before - unsent.readableCount))
        }

        var isSending = false
        let received = Buffer(capacity: bytes.count)
        while received.readableCount < bytes.count {
            if unsent.readableCount > 0, !isSending {
                isSending = true
                machine.reactor.submit(.send(pair.first.raw, from: unsent)) { _ in isSending = false
                }
            }
            try machine.complete(.receive(pair.second.raw, into: received))
        }
        #expect(received.bytes == bytes)
    }

    @Test(arguments: MachineKind.all)
    func `a receive waits until bytes have come`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        let buffer = Buffer(capacity: 100)
        var received: Outcome?
        machine.reactor.submit(.receive(mine.raw, into: buffer)) { received = $0 }
        var hasPassed = false
        machine.reactor.schedule(after: .milliseconds(5)) { hasPassed = true }
        try machine.turn { hasPassed }
        #expect(received == nil)

        try machine.complete(.send(theirs.raw, from: Buffer("hello")))
        try machine.turn { received != nil }
        #expect(received == .success(5))
        #expect(buffer.text == "hello")
    }

    @Test(arguments: MachineKind.all)
    func `both directions of a socket wait side by side`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        let buffer = Buffer(capacity: 100)
        var order: [String] = []
        machine.reactor.submit(.receive(mine.raw, into: buffer)) { _ in order.append("receive") }
        let excess = Buffer([UInt8](repeating: 7, count: 4 << 20))
        var sent = 0
        try fill(mine.raw, from: excess, machine) { sent += $0 }
        machine.reactor.submit(.send(mine.raw, from: excess)) { _ in order.append("send") }

        try machine.complete(.send(theirs.raw, from: Buffer("now")))
        try machine.turn { order == ["receive"] }
        try drain(theirs.raw, count: sent, machine)
        try machine.turn { order == ["receive", "send"] }
    }

    /// Sends until the socket takes no more: the last send is cancelled.
    private func fill(
        _ raw: Int32, from buffer: Buffer, _ machine: Machine, _ took: (Int) -> Void
    ) throws {
        while true {
            var outcome: Outcome?
            let token = machine.reactor.submit(.send(raw, from: buffer)) { outcome = $0 }
            machine.reactor.schedule(after: .milliseconds(20)) { machine.reactor.cancel(token) }
            try machine.turn { outcome != nil }
            guard case .success(let count) = outcome else { return }
            took(count)
        }
    }

    private func drain(_ raw: Int32, count: Int, _ machine: Machine) throws {
        var rest = count
        while rest > 0 {
            rest -= try machine.complete(.receive(raw, into: Buffer(capacity: 1 << 20)))
        }
    }

    @Test(arguments: MachineKind.all)
    func `a send takes what fits and leaves the rest readable`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let source = Buffer(bytes)
        var received: [UInt8] = []
        var sends = 0
        func send() {
            machine.reactor.submit(.send(mine.raw, from: source)) { outcome in
                sends += 1
                #expect(outcome != .success(0))
                if source.readableCount > 0 { send() }
            }
        }
        send()
        while received.count < bytes.count {
            let buffer = Buffer(capacity: 100_000)
            try machine.complete(.receive(theirs.raw, into: buffer))
            received += buffer.bytes
        }
        #expect(sends > 1)
        #expect(received == bytes)
    }

    @Test(arguments: MachineKind.all)
    func `the end of a stream is zero, after all its bytes`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        try machine.complete(.send(theirs.raw, from: Buffer("last")))
        try machine.kernel.shutdownWrite(theirs.raw)
        let buffer = Buffer(capacity: 100)
        #expect(try machine.complete(.receive(mine.raw, into: buffer)) == 4)
        #expect(try machine.complete(.receive(mine.raw, into: buffer)) == 0)
        #expect(buffer.text == "last")
        #expect(try machine.complete(.send(mine.raw, from: Buffer("still open"))) == 10)
    }

    @Test(arguments: MachineKind.all)
    func `a waiting read learns of the end of a pipe`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pipe = try machine.kernel.makePipe()
        let read = pipe.read
        let buffer = Buffer(capacity: 10)
        var outcome: Outcome?
        machine.reactor.submit(.readPipe(read.raw, into: buffer)) { outcome = $0 }
        machine.kernel.close(pipe.write.release())
        try machine.turn { outcome != nil }
        #expect(outcome == .success(0))
    }

    @Test(arguments: MachineKind.all)
    func `nobody at the other end is an error, not a signal`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let pipe = try machine.kernel.makePipe()
        let socket = pair.first
        let write = pipe.write
        machine.kernel.close(pair.second.release())
        machine.kernel.close(pipe.read.release())
        let toSocket = try machine.outcome(of: .send(socket.raw, from: Buffer("x")))
        let toPipe = try machine.outcome(of: .writeStream(write.raw, from: Buffer("x")))
        #expect(toSocket == .failure(.brokenPipe))
        #expect(toPipe == .failure(.brokenPipe))
    }

    @Test(arguments: MachineKind.all)
    func `readiness tells without taking anything`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pipe = try machine.kernel.makePipe()
        let read = pipe.read
        let write = pipe.write
        var ready = 0
        for _ in 0..<3 { machine.reactor.submit(.awaitReadable(read.raw)) { _ in ready += 1 } }
        try machine.complete(.writeStream(write.raw, from: Buffer("news")))
        try machine.turn { ready == 3 }
        let buffer = Buffer(capacity: 10)
        try machine.complete(.readPipe(read.raw, into: buffer))
        #expect(buffer.text == "news")
    }
}
