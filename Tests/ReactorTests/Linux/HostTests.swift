import Foundation
import Glibc
import Reactor
import TestSupport
import Testing

/// What only the real machine can get wrong.
@Suite(.timeLimit(.minutes(10))) struct HostTests {
    @Test(arguments: MachineKind.real)
    func `news wakes a loop that sleeps`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let inbox = machine.reactor.inbox
        // Nothing else is in flight: without the bell, the loop would sleep for ever.
        machine.reactor.schedule(after: .zero) {
            Thread.detachNewThread { inbox.post { $0.stop() } }
        }
        try machine.reactor.run()
    }

    @Test(arguments: MachineKind.real)
    func `a file whose system has no shortcut is read by the worker`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        // procfs does not know RWF_NOWAIT. preadv2(2), EOPNOTSUPP.
        let file = try machine.kernel.openFile("/proc/self/status", flags: .readOnly)
        let buffer = Buffer(capacity: 1000)
        let count = try machine.complete(.readFile(file.raw, at: 0, count: 6, into: buffer))
        #expect(count == 6 && buffer.text == "Name:\t")
    }

    @Test(arguments: MachineKind.real)
    func `a cancelled read of the disk completes once, and agrees with its buffer`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let file = try machine.kernel.openFile("/proc/self/status", flags: .readOnly)
        let buffer = Buffer(capacity: 1000)
        var outcomes: [Outcome] = []
        let token = machine.reactor.submit(.readFile(file.raw, at: 0, count: 6, into: buffer)) {
            outcomes.append($0)
        }
        machine.reactor.cancel(token)
        try machine.turn { !outcomes.isEmpty }
        // A worker of ours cannot be called back, and its bytes are thrown away; the kernel's may be
        // called back or not.
        let isCanceled = outcomes == [.failure(.canceled)]
        #expect(kind == .epoll ? isCanceled : isCanceled || outcomes == [.success(6)])
        #expect(buffer.readableCount == (isCanceled ? 0 : 6))
    }

    @Test(arguments: MachineKind.real)
    func `signals are read like bytes`(kind: MachineKind) throws {
        let machine = try Machine(kind)
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
}
