import Testing

@testable import Jobs

/// Pausing as a table.
@Suite struct PauseSequenceTests {
    enum Event: Sendable {
        case pause, frozen, notYet, patienceOver, resume, thawFailed, found
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let steps: [(Event, PauseSequence.Action)]
        let isPaused: Bool
    }

    static let rows = [
        Row(testDescription: "nobody asks", steps: [(.resume, .nothing)], isPaused: false),
        Row(
            testDescription: "frozen at once",
            steps: [(.pause, .freeze), (.frozen, .announcePause)], isPaused: true),
        Row(
            testDescription: "frozen after a while",
            steps: [(.pause, .freeze), (.notYet, .lookAgain), (.frozen, .announcePause)],
            isPaused: true),
        Row(
            testDescription: "a second one waits for the first",
            steps: [(.pause, .freeze), (.pause, .nothing), (.frozen, .announcePause)],
            isPaused: true),
        Row(
            testDescription: "paused already",
            steps: [(.pause, .freeze), (.frozen, .announcePause), (.pause, .announcePause)],
            isPaused: true),
        Row(
            testDescription: "resumed",
            steps: [(.pause, .freeze), (.frozen, .announcePause), (.resume, .thaw)],
            isPaused: false),
        Row(
            testDescription: "resumed before it was frozen",
            steps: [
                (.pause, .freeze), (.resume, .giveUp), (.frozen, .nothing),
                (.patienceOver, .nothing),
            ], isPaused: false),
        Row(
            testDescription: "waits in the kernel",
            steps: [
                (.pause, .freeze), (.notYet, .lookAgain), (.patienceOver, .giveUp),
                (.pause, .freeze),
            ], isPaused: false),
        Row(
            testDescription: "cannot be told to go on at first",
            steps: [
                (.pause, .freeze), (.frozen, .announcePause), (.resume, .thaw),
                (.thawFailed, .nothing), (.resume, .thaw),
            ], isPaused: false),
        Row(
            testDescription: "cannot be told to go on",
            steps: [(.pause, .freeze), (.patienceOver, .giveUp), (.thawFailed, .nothing)],
            isPaused: true),
        Row(
            testDescription: "found by another life",
            steps: [(.found, .nothing), (.pause, .announcePause), (.resume, .thaw)],
            isPaused: false),
    ]

    @Test(arguments: rows) func `each step has its action`(row: Row) {
        var sequence = PauseSequence()
        for (event, action) in row.steps {
            let taken: PauseSequence.Action
            switch event {
            case .pause: taken = sequence.pause()
            case .frozen: taken = sequence.looked(isFrozen: true)
            case .notYet: taken = sequence.looked(isFrozen: false)
            case .patienceOver: taken = sequence.patienceOver()
            case .resume: taken = sequence.resume()
            case .thawFailed:
                sequence.thawFailed()
                taken = .nothing
            case .found:
                sequence.found()
                taken = .nothing
            }
            #expect(taken == action)
        }
        #expect(sequence.isPaused == row.isPaused)
    }
}
