import Testing

@testable import Transport

/// Every event in every state of a call on the server.
struct GRPCServerCallStateMachineTests {
    typealias Machine = GRPCServerCallStateMachine

    enum State: CaseIterable {
        case idle, answering, draining, finished, cut, lost
    }

    static let ok = GRPCStatus.ok
    static let late = GRPCStatus.deadlineExceeded

    static func machine(_ state: State) -> Machine {
        var machine = Machine()
        switch state {
        case .idle: break
        case .answering: _ = machine.send()
        case .draining:
            _ = machine.send()
            _ = machine.finish(ok, isQueueEmpty: false)
        case .finished: _ = machine.finish(ok, isQueueEmpty: true)
        case .cut: _ = machine.cut(late)
        case .lost: _ = machine.lost()
        }
        return machine
    }

    @Test(arguments: [
        (State.idle, Machine.SendAction.startThenAccept), (.answering, .accept),
        (.draining, .drop), (.finished, .drop), (.cut, .drop), (.lost, .drop),
    ])
    func `a message`(state: State, action: Machine.SendAction) {
        var machine = Self.machine(state)
        #expect(machine.send() == action)
    }

    @Test(arguments: [
        (State.idle, Machine.FinishAction.sendTrailersOnly(ok)), (.answering, .sendTrailers(ok)),
        (.draining, .none), (.finished, .none), (.cut, .none), (.lost, .none),
    ])
    func `the end, with nothing queued`(state: State, action: Machine.FinishAction) {
        var machine = Self.machine(state)
        #expect(machine.finish(Self.ok, isQueueEmpty: true) == action)
        #expect(!machine.isOpen)
    }

    @Test func `the end waits for what is queued, and comes once`() {
        var machine = Self.machine(.answering)
        #expect(machine.queueDrained() == nil)
        #expect(machine.finish(Self.ok, isQueueEmpty: false) == .drain)
        #expect(machine.queueDrained() == Self.ok)
        #expect(machine.queueDrained() == nil)
    }

    @Test(arguments: [
        (State.idle, Machine.CutAction(finish: .sendTrailersOnly(late), tellsHandler: true)),
        (.answering, Machine.CutAction(finish: .sendTrailers(late), tellsHandler: true)),
        (.draining, Machine.CutAction(finish: .sendTrailers(late), tellsHandler: false)),
        (.finished, Machine.CutAction(finish: .none, tellsHandler: false)),
        (.cut, Machine.CutAction(finish: .none, tellsHandler: false)),
        (.lost, Machine.CutAction(finish: .none, tellsHandler: false)),
    ])
    func `a deadline`(state: State, action: Machine.CutAction) {
        var machine = Self.machine(state)
        #expect(machine.cut(Self.late) == action)
        #expect(machine.cut(Self.late) == .init(finish: .none, tellsHandler: false))
    }

    @Test(arguments: State.allCases)
    func `a lost stream is told to the handler that had not finished`(state: State) {
        var machine = Self.machine(state)
        #expect(machine.lost() == [.idle, .answering].contains(state))
        #expect(machine.lost() == false)
    }

    @Test(arguments: State.allCases)
    func `the end of the request is told once, while there is an answer to give`(state: State) {
        var machine = Self.machine(state)
        #expect(machine.requestEnded() == [.idle, .answering].contains(state))
        #expect(machine.requestEnded() == false)
    }
}
