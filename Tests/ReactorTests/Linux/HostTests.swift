import Foundation
import Glibc
import Reactor
import TestSupport
import Testing

/// What only the real machine can get wrong.
@Suite(.timeLimit(.minutes(10))) struct EpollTests {
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
}
