import Foundation
import Glibc
import Reactor
import TestSupport
import Testing

/// What only the real machine can get wrong.
@Suite(.timeLimit(.minutes(2))) struct EpollTests {
    let machine: Machine

    init() throws {
        machine = try Machine(.epoll)
    }

    @Test func `news wakes a loop that sleeps`() throws {
        let inbox = machine.reactor.inbox
        // Nothing else is in flight: without the bell, the loop would sleep for ever.
        machine.reactor.schedule(after: .zero) {
            Thread.detachNewThread { inbox.post { $0.stop() } }
        }
        try machine.reactor.run()
    }

    /// In a process of its own, so that the number is not given to another test.
    @Test func `a file that somebody else keeps open does not haunt its number`() async {
        await #expect(processExitsWith: .success) { try Haunting.happen() }
    }

    @Test func `a file whose system has no shortcut is read by the worker`() throws {
        // procfs does not know RWF_NOWAIT. preadv2(2), EOPNOTSUPP.
        let file = try machine.kernel.openFile("/proc/self/status", flags: .readOnly)
        let buffer = Buffer(capacity: 1000)
        let count = try machine.complete(.readFile(file.raw, at: 0, count: 6, into: buffer))
        #expect(count == 6 && buffer.text == "Name:\t")
    }

    @Test func `a cancelled read of the disk completes when the worker is done with it`() throws {
        let file = try machine.kernel.openFile("/proc/self/status", flags: .readOnly)
        let buffer = Buffer(capacity: 1000)
        var outcomes: [Outcome] = []
        let token = machine.reactor.submit(.readFile(file.raw, at: 0, count: 6, into: buffer)) {
            outcomes.append($0)
        }
        machine.reactor.cancel(token)
        try machine.turn { !outcomes.isEmpty }
        #expect(outcomes == [.failure(.canceled)])
        #expect(buffer.readableCount == 0)
    }

    @Test func `signals are read like bytes`() throws {
        // To this thread only: raise(3) is tgkill(2), and the others have nothing blocked.
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let signals = try machine.kernel.makeSignalDescriptor([SIGUSR2])
        let buffer = Buffer(capacity: 2 * SignalEvents.recordSize)
        var outcome: Outcome?
        machine.reactor.submit(.readPipe(signals.raw, into: buffer)) { outcome = $0 }
        machine.reactor.schedule(after: .milliseconds(1)) { raise(SIGUSR2) }
        try machine.turn { outcome != nil }
        let events = Array(SignalEvents(buffer))
        #expect(events == [SignalEvent(number: SIGUSR2, sender: getpid(), value: 0)])
    }

    /// In a process of its own: other tests open and close descriptors at the same time.
    @Test func `every descriptor is given back`() async {
        await #expect(processExitsWith: .success) {
            // The first round opens what the runtime keeps for good.
            try Everything.happen()
            let before = try openDescriptors()
            for _ in 0..<3 { try Everything.happen() }
            let after = try openDescriptors()
            precondition(after == before, "\(after.subtracting(before)) are left")
        }
    }

    @Test func `rubbish ends the program by the name of the call`() async {
        await #expect(processExitsWith: .failure) {
            let machine = try Machine(.epoll)
            machine.reactor.submit(.receive(4711, into: Buffer(capacity: 1))) { _ in }
        }
        await #expect(processExitsWith: .failure) {
            let machine = try Machine(.epoll)
            machine.kernel.close(4711)
        }
    }

    @Test func `misuse of the loop is caught where it happens`() async {
        await #expect(processExitsWith: .failure) {
            let machine = try Machine(.epoll)
            machine.reactor.schedule(after: .zero) { try? machine.reactor.turn() }
            try machine.reactor.turn()
        }
        await #expect(processExitsWith: .failure) {
            let machine = try Machine(.epoll)
            let pipe = try machine.kernel.makePipe()
            let full = Buffer("full")
            machine.reactor.submit(.readPipe(pipe.read.raw, into: full)) { _ in }
        }
    }
}

/// One of each thing a reactor does, ended in the middle.
private enum Everything {
    static func happen() throws {
        let machine = try Machine(.epoll)
        let kernel = machine.kernel
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 4)
        let client = try kernel.makeStreamSocket(for: .loopback(port: 0))
        try machine.complete(.connect(client.raw, try kernel.localAddress(of: listener.raw)))
        let accepted = try machine.complete(.accept(listener: listener.raw))
        kernel.close(Int32(accepted))

        try machine.append("text", to: "file")
        let inotify = try kernel.makeInotify()
        _ = try kernel.addWatch(
            inotify: inotify.raw, path: machine.path("file"), mask: [.modified])
        let plan = try kernel.makeSealedFile("plan", containing: [1, 2, 3])
        let pipe = try kernel.makePipe()
        let child = try machine.spawn(.exits(code: 0), output: pipe.write.raw)
        try machine.complete(.awaitReadable(child.descriptor.raw))
        _ = try kernel.reap(child.descriptor.raw)
        _ = try? machine.spawn(.exits(code: 0), output: nil)
        _ = try? kernel.list(machine.directory)

        // Still waiting when everything is dropped: an operation, a timer and a worker.
        machine.reactor.submit(.readPipe(pipe.read.raw, into: Buffer(capacity: 1))) { _ in }
        machine.reactor.schedule(after: .seconds(100)) {}
        machine.reactor.perform(on: .files) {
            plan.raw
        } then: { _ in
        }
    }
}

/// A pipe that stays in the epoll set after its descriptor is closed, because a copy of it is open.
private enum Haunting {
    static func happen() throws {
        let machine = try Machine(.epoll)
        let old = try machine.kernel.makePipe()
        let oldWrite = old.write
        let number = old.read.raw
        try startAndCancelRead(number, machine)
        // Without a copy the kernel would forget the pipe with its descriptor. epoll(7), Q6.
        let copy = OwnedDescriptor(fcntl(number, F_DUPFD_CLOEXEC, 200), of: machine.kernel)
        machine.kernel.close(old.read.release())

        let new = try machine.kernel.makePipe()
        precondition(new.read.raw == number, "the lowest free number is the old one")
        let buffer = Buffer(capacity: 10)
        var outcome: Outcome?
        machine.reactor.submit(.readPipe(number, into: buffer)) { outcome = $0 }
        try machine.complete(.writeStream(oldWrite.raw, from: Buffer("old")))
        var hasPassed = false
        machine.reactor.schedule(after: .milliseconds(5)) { hasPassed = true }
        try machine.turn { hasPassed }
        precondition(outcome == nil, "woken by \(copy.raw)")
        try machine.complete(.writeStream(new.write.raw, from: Buffer("new")))
        try machine.turn { outcome != nil }
        precondition(buffer.text == "new")
    }

    private static func startAndCancelRead(_ raw: Int32, _ machine: Machine) throws {
        var outcome: Outcome?
        let token = machine.reactor.submit(.readPipe(raw, into: Buffer(capacity: 10))) {
            outcome = $0
        }
        machine.reactor.cancel(token)
        try machine.turn { outcome != nil }
    }
}
