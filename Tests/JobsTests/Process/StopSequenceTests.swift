import Testing

@testable import Jobs

/// Stopping as a table.
@Suite struct StopSequenceTests {
    enum Event: Sendable {
        case request(signal: Int32, grace: Duration, isStarting: Bool)
        case started, graceOver, ended
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let steps: [(Event, StopSequence.Action)]
        let isRequested: Bool
    }

    private static let term = Event.request(signal: 15, grace: .seconds(10), isStarting: false)
    private static let early = Event.request(signal: 15, grace: .seconds(10), isStarting: true)
    private static let now = Event.request(signal: 15, grace: .zero, isStarting: false)
    private static let nowEarly = Event.request(signal: 15, grace: .zero, isStarting: true)
    private static let signal = StopSequence.Action.signal(15, thenKillAfter: .seconds(10))

    static let rows = [
        Row(testDescription: "nobody asks", steps: [(.started, .nothing)], isRequested: false),
        Row(
            testDescription: "ends by itself", steps: [(.started, .nothing), (.ended, .nothing)],
            isRequested: false),
        Row(testDescription: "signal", steps: [(term, signal)], isRequested: true),
        Row(
            testDescription: "signal, kill, end",
            steps: [(term, signal), (.graceOver, .kill), (.ended, .nothing)], isRequested: false),
        Row(testDescription: "no grace", steps: [(now, .kill)], isRequested: true),
        Row(
            testDescription: "a second one waits",
            steps: [(term, signal), (now, .nothing), (.graceOver, .kill), (term, .nothing)],
            isRequested: true),
        Row(
            testDescription: "held while starting",
            steps: [(early, .holdFor(.seconds(15))), (.started, signal), (.graceOver, .kill)],
            isRequested: true),
        Row(
            testDescription: "no grace, held while starting",
            steps: [(nowEarly, .holdFor(.seconds(5))), (.started, .kill)], isRequested: true),
        Row(
            testDescription: "a start that hangs",
            steps: [(early, .holdFor(.seconds(15))), (.graceOver, .abandonStart)],
            isRequested: true),
        Row(
            testDescription: "a start that comes after all",
            steps: [
                (early, .holdFor(.seconds(15))), (.graceOver, .abandonStart), (.started, .kill),
            ], isRequested: true),
    ]

    @Test(arguments: rows) func `follows its events`(row: Row) {
        var sequence = StopSequence()
        for (event, expected) in row.steps {
            #expect(sequence.take(event) == expected)
        }
        #expect(sequence.isRequested == row.isRequested)
    }
}

extension StopSequence {
    fileprivate mutating func take(_ event: StopSequenceTests.Event) -> Action {
        switch event {
        case .request(let signal, let grace, let isStarting):
            return request(
                Request(signal: signal, grace: grace), isStarting: isStarting,
                patience: .seconds(5))
        case .started:
            return started()
        case .graceOver:
            return graceOver()
        case .ended:
            ended()
            return .nothing
        }
    }
}
