import Testing

@testable import Jobs

/// When a follower looks, sleeps and ends: a table of what is told and what it orders.
@Suite struct LogFollowerStateMachineTests {
    typealias Machine = LogFollower.StateMachine

    enum Step: Sendable {
        case pulled(Machine.Answer)
        case found(Machine.Action)
        case nothing(Machine.Action)
        case changed(Machine.Action)
        case sealed(Machine.Action)
        case closed
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var isSealed = false
        let steps: [Step]
    }

    static let rows = [
        Row(
            testDescription: "delivers what is there",
            steps: [
                .pulled(.look(sealed: false)), .found(.announce), .pulled(.deliver),
                .pulled(.look(sealed: false)),
            ]),
        Row(
            testDescription: "looks once, however often it is asked",
            steps: [.pulled(.look(sealed: false)), .pulled(.wait), .pulled(.wait)]),
        Row(
            testDescription: "sleeps, and wakes for a change",
            steps: [
                .pulled(.look(sealed: false)), .nothing(.nothing), .pulled(.wait),
                .changed(.announce), .pulled(.look(sealed: false)), .found(.announce),
            ]),
        Row(
            testDescription: "is told once, and looks when it is asked",
            steps: [
                .pulled(.look(sealed: false)), .nothing(.nothing), .changed(.announce),
                .changed(.nothing), .sealed(.nothing), .pulled(.look(sealed: true)),
            ]),
        Row(
            testDescription: "latches a change during a look",
            steps: [
                .pulled(.look(sealed: false)), .changed(.nothing), .nothing(.look(sealed: false)),
                .nothing(.nothing),
            ]),
        Row(
            testDescription: "does not look before it is asked",
            steps: [.changed(.nothing), .sealed(.nothing), .pulled(.look(sealed: true))]),
        Row(
            testDescription: "samples the seal before the look",
            steps: [
                .pulled(.look(sealed: false)), .sealed(.nothing), .nothing(.look(sealed: true)),
                .nothing(.announce), .pulled(.finish), .pulled(.finish),
            ]),
        Row(
            testDescription: "wakes for the seal",
            steps: [
                .pulled(.look(sealed: false)), .nothing(.nothing), .sealed(.announce),
                .pulled(.look(sealed: true)), .found(.announce), .pulled(.deliver),
                .pulled(.look(sealed: true)),
                .nothing(.announce), .pulled(.finish),
            ]),
        Row(
            testDescription: "ends at once when sealed from the start", isSealed: true,
            steps: [.pulled(.look(sealed: true)), .nothing(.announce), .pulled(.finish)]),
        Row(
            testDescription: "hears nothing once it has ended", isSealed: true,
            steps: [
                .pulled(.look(sealed: true)), .nothing(.announce), .changed(.nothing),
                .pulled(.finish),
            ]),
        Row(
            testDescription: "hears nothing once it is closed",
            steps: [
                .pulled(.look(sealed: false)), .closed, .changed(.nothing), .sealed(.nothing),
            ]),
    ]

    @Test(arguments: rows) func `follows its events`(row: Row) {
        var machine = Machine(isSealed: row.isSealed)
        for (number, step) in row.steps.enumerated() {
            switch step {
            case .pulled(let answer): #expect(machine.pulled() == answer, "step \(number)")
            case .found(let action):
                #expect(machine.looked(foundSomething: true) == action, "step \(number)")
            case .nothing(let action):
                #expect(machine.looked(foundSomething: false) == action, "step \(number)")
            case .changed(let action): #expect(machine.logChanged() == action, "step \(number)")
            case .sealed(let action): #expect(machine.logSealed() == action, "step \(number)")
            case .closed: machine.close()
            }
        }
    }
}
