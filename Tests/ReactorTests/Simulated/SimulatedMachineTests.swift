import Reactor
import Simulator
import TestSupport
import Testing

/// What the simulated machine adds to a real one: a clock moved by hand, and faults by seed.
@Suite(.timeLimit(.minutes(10))) struct SimulatedMachineTests {
    @Test func `time passes only when it is told to`() throws {
        let machine = SimulatedMachine(seed: 1)
        let reactor = machine.makeReactor()
        var ran: [Int] = []
        for hours in [3, 1, 2] {
            reactor.schedule(after: .seconds(hours * 3600)) { ran.append(hours) }
        }
        let start = machine.kernel.monotonicNow
        try machine.runUntilIdle()
        #expect(ran.isEmpty && machine.kernel.monotonicNow == start)
        try machine.advance(by: .seconds(2 * 3600))
        #expect(ran == [1, 2])
        #expect(machine.kernel.monotonicNow - start == .seconds(2 * 3600))
        try machine.advance(by: .seconds(86_400))
        #expect(ran == [1, 2, 3])
    }

    @Test func `waiting for nothing at all is an error instead of forever`() throws {
        let machine = SimulatedMachine(seed: 1)
        let reactor = machine.makeReactor()
        let pipe = try machine.kernel.makePipe()
        reactor.submit(.readPipe(pipe.read.raw, into: Buffer(capacity: 1))) { _ in }
        #expect(throws: Errno.deadlock) { try reactor.turn() }
    }

    @Test func `two programs on one machine talk to each other`() throws {
        let machine = SimulatedMachine(seed: 1)
        let (one, other) = (machine.makeReactor(), machine.makeReactor())
        let pair = try machine.kernel.makeSocketPair()
        let buffer = Buffer(capacity: 10)
        one.submit(.receive(pair.first.raw, into: buffer)) { _ in }
        let raw = pair.second.raw
        other.schedule(after: .seconds(1)) {
            other.submit(.send(raw, from: Buffer("ping"))) { _ in }
        }
        try machine.advance(by: .seconds(1))
        #expect(buffer.text == "ping")
    }

    @Test func `a reset is lost bytes and an error`() throws {
        let machine = try Machine(.simulated)
        let pair = try machine.kernel.makeSocketPair()
        let (mine, theirs) = (pair.first.raw, pair.second.raw)
        try machine.complete(.send(theirs, from: Buffer("lost")))
        machine.simulated?.reset(theirs)
        let outcome = try machine.outcome(of: .receive(mine, into: Buffer(capacity: 10)))
        #expect(outcome == .failure(.connectionReset))
    }

    @Test func `a full disk takes what fits, then nothing`() throws {
        let machine = try Machine(.simulated)
        machine.simulated?.faults.diskBytesMax = 6
        let file = try machine.kernel.openFile(machine.path("f"), flags: [.writeOnly, .create])
        let text = Buffer("12345678")
        #expect(try machine.complete(.writeStream(file.raw, from: text)) == 6)
        let outcome = try machine.outcome(of: .writeStream(file.raw, from: text))
        #expect(outcome == .failure(.noSpace))
    }

    @Test func `a signal reaches its descriptor, with its value`() throws {
        let machine = try Machine(.simulated)
        let signals = try machine.kernel.makeSignalDescriptor([15, 40])
        let buffer = Buffer(capacity: 10 * SignalEvents.recordSize)
        // A standard signal is remembered once, a real-time signal each time; others not at all.
        for number in [15, 15, 40, 40, 2] as [Int32] {
            machine.simulated?.raise(number, value: number * 2)
        }
        try machine.complete(.readPipe(signals.raw, into: buffer))
        let events = SignalEvents(buffer).map { [$0.number, $0.value] }
        #expect(events == [[15, 30], [40, 80], [40, 80]])
    }

    @Test func `a script handles its signals and takes its time`() throws {
        let machine = try Machine(.simulated)
        machine.simulated?.install("/bin/polite") { process in
            process.onSignal { process, signal in
                process.after(.seconds(5)) { $0.exit(code: signal.value) }
            }
        }
        let child = try machine.kernel.spawn(
            ProcessSpawn(path: "/bin/polite", arguments: ["polite"]))
        let pidfd = child.descriptor.raw
        let start = machine.kernel.monotonicNow
        machine.reactor.schedule(after: .seconds(1)) { [kernel = machine.kernel] in
            try? kernel.signal(pidfd, 40, value: 9)
        }
        try machine.complete(.awaitReadable(pidfd))
        #expect(machine.kernel.monotonicNow - start == .seconds(6))
        #expect(try machine.kernel.reap(pidfd) == .exited(code: 9))
    }

    @Test func `descriptors return to where they were`() throws {
        let machine = try Machine(.simulated)
        let simulated = try #require(machine.simulated)
        let before = simulated.openDescriptorCount
        do {
            let pair = try machine.kernel.makeSocketPair()
            let child = try machine.spawn(.speaks("x"), output: pair.first.raw)
            try machine.complete(.awaitReadable(child.descriptor.raw))
            let listener = try machine.kernel.listen(on: .loopback(port: 0), backlog: 1)
            #expect(simulated.openDescriptorCount == before + 4)
            #expect(listener.raw > 0 && pair.second.raw > 0)
        }
        #expect(simulated.openDescriptorCount == before)
    }
}
