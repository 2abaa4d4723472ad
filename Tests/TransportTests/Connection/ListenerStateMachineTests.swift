import Reactor
import Testing

@testable import Transport

/// When a listener accepts, rests and closes.
struct ListenerStateMachineTests {
    private func makeMachine(acceptsPerTurn: Int = 2) -> Listener.StateMachine {
        Listener.StateMachine(acceptsPerTurn: acceptsPerTurn)
    }

    @Test func `one accept at a time`() {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.nextOrder(isFull: false) == nil)
    }

    @Test func `no more in a turn than the limit`() {
        var machine = makeMachine(acceptsPerTurn: 2)
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.accepted() == true, "the first of the turn")
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.accepted() == false)
        #expect(machine.nextOrder(isFull: false) == nil)
        machine.turnEnded()
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.accepted() == true, "the first of the next turn")
    }

    @Test func `a full gate is waited for`() {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: true) == nil)
        #expect(machine.nextOrder(isFull: false) == .accept)
    }

    @Test(arguments: [Errno.tooManyFiles, .tooManyFilesInSystem, .noMemory, .notPermitted])
    func `out of resources it rests`(errno: Errno) {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.failed(errno) == .rest)
        #expect(machine.nextOrder(isFull: false) == nil)
        machine.rested()
        #expect(machine.nextOrder(isFull: false) == .accept)
    }

    @Test func `a connection that died in the backlog is no reason to rest`() {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.failed(.connectionAborted) == .goOn)
        #expect(machine.nextOrder(isFull: false) == .accept)
    }

    @Test func `it closes after its accept has been joined`() {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: false) == .accept)
        machine.close()
        #expect(machine.nextOrder(isFull: false) == .cancelAccept)
        #expect(machine.nextOrder(isFull: false) == nil)
        #expect(machine.failed(.canceled) == .goOn)
        #expect(machine.nextOrder(isFull: false) == .close)
        #expect(machine.nextOrder(isFull: false) == nil)
    }

    @Test func `what is accepted while it closes is not wanted`() {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(!machine.isClosing)
        machine.close()
        #expect(machine.nextOrder(isFull: false) == .cancelAccept)
        #expect(machine.accepted() == true)
        #expect(machine.isClosing)
        #expect(machine.nextOrder(isFull: false) == .close)
        #expect(machine.isClosing)
    }

    @Test func `resting it closes at once`() {
        var machine = makeMachine()
        #expect(machine.nextOrder(isFull: false) == .accept)
        #expect(machine.failed(.tooManyFiles) == .rest)
        machine.close()
        machine.rested()
        #expect(machine.nextOrder(isFull: false) == .close)
    }
}
