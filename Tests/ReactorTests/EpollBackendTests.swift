import Glibc
import TestSupport
import Testing

@testable import Reactor

/// What only the backend over epoll does.
@Suite struct EpollBackendTests {
    @Test func `work is done on the loop when no thread can be had`() throws {
        let backend = try EpollBackend { (_) throws(Errno) in throw .tooManyFiles }
        let reactor = Reactor(backend: backend, kernel: LinuxKernel())
        var answer: Int?
        reactor.perform(on: .files, { 7 }, then: { answer = $0 })
        #expect(answer == nil)
        try reactor.turn()
        #expect(answer == 7)
    }

    /// The second stream takes over the descriptor of the first, for which that is still armed.
    @Test func `another stream with the same descriptor is heard`() throws {
        let machine = try Machine(.epoll)
        let first = try machine.kernel.makeSocketPair()
        let second = try machine.kernel.makeSocketPair()
        let (mine, theirs) = (first.first.release(), first.second.release())
        let (other, others) = (second.first.release(), second.second.release())
        #expect(try receive(on: mine, from: theirs, machine) == 1)
        try #require(dup2(other, mine) == mine)
        #expect(try receive(on: mine, from: others, machine) == 1)
        [mine, theirs, other, others].forEach(machine.kernel.close)
    }

    private func receive(on mine: Int32, from theirs: Int32, _ machine: Machine) throws -> Int {
        let loan = BufferLoan(from: BufferPool(bufferCapacity: 64, keptAtMost: 0))
        machine.reactor.submit(.send(theirs, from: Buffer("x"))) { _ in }
        return try machine.complete(.receiveLent(mine, loan))
    }

    /// A child that has not executed yet has copies of all descriptors; so the file stays open, and
    /// epoll(7) goes on telling of it.
    @Test func `a stream that was closed while a copy of it is open is no news`() throws {
        let machine = try Machine(.epoll)
        let pair = try machine.kernel.makeSocketPair()
        let (mine, theirs) = (pair.first.release(), pair.second.release())
        let copy = dup(mine)
        #expect(try receive(on: mine, from: theirs, machine) == 1)
        machine.kernel.close(mine)
        try machine.complete(.send(theirs, from: Buffer("y")))
        for _ in 0..<3 { try turnOnce(machine) }
        machine.kernel.close(theirs)
        for _ in 0..<3 { try turnOnce(machine) }
        machine.kernel.close(copy)
    }

    @Test(arguments: [true, false])
    func `a stream that has ended wakes nobody, whoever has a copy of it`(isCanceled: Bool) throws {
        let machine = try Machine(.epoll)
        let pair = try machine.kernel.makeSocketPair()
        let (mine, theirs) = (pair.first.release(), pair.second.release())
        let copy = dup(mine)
        #expect(try receive(on: mine, from: theirs, machine) == 1)
        let loan = BufferLoan(from: BufferPool(bufferCapacity: 64, keptAtMost: 0))
        var outcome: Outcome?
        let token = machine.reactor.submit(.receiveLent(mine, loan)) { outcome = $0 }
        if isCanceled { machine.reactor.cancel(token) } else { machine.kernel.close(theirs) }
        try machine.turn { outcome != nil }
        #expect(outcome == (isCanceled ? .failure(.canceled) : .success(0)))
        machine.kernel.close(mine)
        if isCanceled { machine.kernel.close(theirs) }
        var hasPassed = false
        var turns = 0
        machine.reactor.schedule(after: .milliseconds(5)) { hasPassed = true }
        try machine.turn {
            turns += 1
            return hasPassed
        }
        #expect(turns < 10)
        machine.kernel.close(copy)
    }

    private func turnOnce(_ machine: Machine) throws {
        var hasTurned = false
        machine.reactor.atEndOfTurn { hasTurned = true }
        try machine.turn { hasTurned }
    }

    /// While a stream stays armed for its reader, somebody begins to wait until it takes bytes again.
    @Test func `who writes to a stream that stays armed is told when it can`() throws {
        let machine = try Machine(.epoll)
        let pair = try machine.kernel.makeSocketPair()
        let (mine, theirs) = (pair.first.release(), pair.second.release())
        let loan = BufferLoan(from: BufferPool(bufferCapacity: 64, keptAtMost: 0))
        var heard = ""
        func listen() {
            machine.reactor.submit(.receiveLent(mine, loan)) { _ in
                heard += loan.take()?.text ?? ""
                listen()
            }
        }
        listen()
        let bytes = Buffer(String(repeating: "y", count: 8 << 20))
        func write() {
            machine.reactor.submit(.send(mine, from: bytes)) { _ in
                if bytes.readableCount > 0 { write() }
            }
        }
        write()
        try machine.complete(.send(theirs, from: Buffer("hello")))
        try machine.turn { heard == "hello" }
        let drain = Buffer(capacity: 1 << 20)
        while bytes.readableCount > 0 {
            drain.clear()
            try machine.complete(.receive(theirs, into: drain))
        }
        try machine.complete(.send(theirs, from: Buffer(" again")))
        try machine.turn { heard == "hello again" }
        machine.reactor.dismantle()
        [mine, theirs].forEach(machine.kernel.close)
    }
}
