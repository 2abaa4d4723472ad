import Testing

@testable import Jobs

/// Stopping as a table.
@Suite struct StopSequenceTests {
    enum Event: Sendable {
        case request(signal: Int32, grace: Duration)
        case recorded, recordedEarly, shimCame, started, graceOver, ended
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let steps: [(Event, StopSequence.Action)]
        let isRequested: Bool
    }

    private static let term = Event.request(signal: 15, grace: .seconds(10))
    private static let now = Event.request(signal: 15, grace: .zero)
    private static let recordTerm = record(.seconds(10))
    private static let recordNow = record(.zero)
    private static let signal = StopSequence.Action.signal(
        StopSequence.Request(signal: 15, grace: .seconds(10)))

    static let rows = [
        Row(testDescription: "nobody asks", steps: [(.started, .nothing)], isRequested: false),
        Row(
            testDescription: "ends by itself", steps: [(.started, .nothing), (.ended, .nothing)],
            isRequested: false),
        Row(testDescription: "asked", steps: [(term, recordTerm)], isRequested: true),
        Row(
            testDescription: "ends while it is put on record",
            steps: [(term, recordTerm), (.ended, .nothing), (.recorded, .nothing)],
            isRequested: false),
        Row(
            testDescription: "on record later than the patience of the one who waited",
            steps: [(term, recordTerm), (.recorded, signal), (.recorded, .nothing)],
            isRequested: true),
        Row(
            testDescription: "signal, kill, end",
            steps: [
                (term, recordTerm), (.recorded, signal), (.graceOver, .kill), (.ended, .nothing),
            ], isRequested: false),
        Row(
            testDescription: "no grace", steps: [(now, recordNow), (.recorded, .kill)],
            isRequested: true),
        Row(
            testDescription: "a second one waits",
            steps: [
                (term, recordTerm), (now, .nothing), (.recorded, signal), (now, .nothing),
                (.graceOver, .kill), (term, .nothing),
            ], isRequested: true),
        Row(
            testDescription: "held while starting",
            steps: [
                (term, recordTerm), (.recordedEarly, .holdFor(.seconds(15))), (.started, signal),
                (.graceOver, .kill),
            ], isRequested: true),
        Row(
            testDescription: "started while it is put on record",
            steps: [(term, recordTerm), (.started, .nothing), (.recorded, signal)],
            isRequested: true),
        Row(
            testDescription: "no grace, held while starting",
            steps: [
                (now, recordNow), (.recordedEarly, .holdFor(.seconds(5))), (.started, .kill),
            ], isRequested: true),
        Row(
            testDescription: "a start that hangs",
            steps: [
                (term, recordTerm), (.recordedEarly, .holdFor(.seconds(15))),
                (.graceOver, .abandonStart),
            ], isRequested: true),
        Row(
            testDescription: "a shim that comes when its start was given up",
            steps: [
                (term, recordTerm), (.shimCame, .nothing),
                (.recordedEarly, .holdFor(.seconds(15))), (.graceOver, .abandonStart),
                (.shimCame, .abandonStart),
            ], isRequested: true),
        Row(
            testDescription: "a start that comes after all",
            steps: [
                (term, recordTerm), (.recordedEarly, .holdFor(.seconds(15))),
                (.graceOver, .abandonStart), (.started, .kill),
            ], isRequested: true),
    ]

    private static func record(_ grace: Duration) -> StopSequence.Action {
        .record(StopSequence.Request(signal: 15, grace: grace))
    }

    @Test func `a job that outlives its kill is told of, until it ends`() {
        var sequence = StopSequence()
        _ = sequence.take(Self.now)
        _ = sequence.take(.recorded)
        #expect(!sequence.isUnkillable)
        #expect(sequence.take(.graceOver) == .nothing)
        #expect(sequence.isUnkillable)
        #expect(sequence.isRequested)
        sequence.ended()
        #expect(!sequence.isUnkillable)
    }

    @Test func `a time that is over is told to the shim, even if no grace is left`() {
        var sequence = StopSequence()
        let request = StopSequence.Request(signal: 15, grace: .zero, cause: .timeOver)
        #expect(
            sequence.carryOn(request, isStarting: false, patience: .zero) == .signal(request))
        #expect(sequence.graceOver() == .kill)
    }

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
        case .request(let signal, let grace):
            return request(Request(signal: signal, grace: grace))
        case .recorded:
            return recorded(isStarting: false, patience: .seconds(5))
        case .recordedEarly:
            return recorded(isStarting: true, patience: .seconds(5))
        case .shimCame:
            return shimCame()
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
