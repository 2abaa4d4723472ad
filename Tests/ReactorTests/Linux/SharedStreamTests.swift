import Glibc
import Reactor
import TestSupport
import Testing

/// Standard output belongs to others too: it may block, and must not block the loop.
@Suite(.timeLimit(.minutes(10))) struct SharedStreamTests {
    /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), whose macros Swift cannot import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// A pipe as a shell makes it.
    private func makeBlockingPipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test(arguments: MachineKind.real)
    func `a full pipe that blocks does not block the loop`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let (read, write) = try makeBlockingPipe()
        defer { [read, write].forEach(machine.kernel.close) }
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let source = Buffer(bytes)
        var received: [UInt8] = []
        var timersRun = 0

        // Nobody reads until the pipe is full and a timer has run three times beside it.
        machine.reactor.writeAll(source, to: write)
        func tick() {
            timersRun += 1
            if timersRun < 3 { machine.reactor.schedule(after: .milliseconds(2), tick) }
        }
        tick()
        try machine.turn { timersRun == 3 }
        #expect(source.readableCount > 0 && source.readableCount < bytes.count)

        while received.count < bytes.count {
            let buffer = Buffer(capacity: 50_000)
            try machine.complete(.readPipe(read, into: buffer))
            received += buffer.bytes
        }
        #expect(received == bytes)
        #expect(source.readableCount == 0)
    }

    @Test(arguments: MachineKind.real)
    func `an empty pipe that blocks is waited for`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let (read, write) = try makeBlockingPipe()
        defer { [read, write].forEach(machine.kernel.close) }
        let buffer = Buffer(capacity: 10)
        var outcome: Outcome?
        machine.reactor.submit(.readPipe(read, into: buffer)) { outcome = $0 }
        machine.reactor.schedule(after: .milliseconds(2)) { [machine] in
            #expect(outcome == nil)
            machine.reactor.writeAll(Buffer("typed"), to: write)
        }
        try machine.turn { outcome != nil }
        #expect(buffer.text == "typed")
    }

    @Test(arguments: MachineKind.real)
    func `devices that never wait are written at once`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let null = try machine.kernel.openFile("/dev/null", flags: .readWrite)
        let bytes = [UInt8](repeating: 1, count: 100_000)
        let count = try machine.complete(.writeStream(null.raw, from: Buffer(bytes)))
        #expect(count > 0)
        let end = try machine.complete(.readPipe(null.raw, into: Buffer(capacity: 1)))
        #expect(end == 0)
        // epoll refuses such files, EPERM: they count as ready.
        try machine.complete(.awaitReadable(null.raw))
    }

    @Test(arguments: MachineKind.real)
    func `a terminal takes what it shows`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        // Neither end may become the controlling terminal of the tests.
        let flags = OpenFlags(rawValue: O_RDWR | O_NOCTTY)
        let controller = try machine.kernel.openFile("/dev/ptmx", flags: flags)
        var (isLocked, number): (Int32, Int32) = (0, -1)
        let answers = [
            ioctl(controller.raw, Self.setLock, &isLocked),
            ioctl(controller.raw, Self.getNumber, &number),
        ]
        try #require(answers == [0, 0])
        let terminal = try machine.kernel.openFile("/dev/pts/\(number)", flags: flags)
        try machine.complete(.writeStream(terminal.raw, from: Buffer("shown")))
        let buffer = Buffer(capacity: 100)
        try machine.complete(.readPipe(controller.raw, into: buffer))
        #expect(buffer.text == "shown")
    }
}

extension Reactor {
    /// Writes until the buffer is empty.
    fileprivate func writeAll(_ buffer: Buffer, to raw: Int32) {
        submit(.writeStream(raw, from: buffer)) { [self] outcome in
            #expect(throws: Never.self) { try outcome.get() }
            if buffer.readableCount > 0 { writeAll(buffer, to: raw) }
        }
    }
}
