import Glibc
import ShimCore
import ShimProtocol
import Testing

/// The life of a job as a table: events in, orders out.
struct EndSequenceTests {
    typealias Event = EndSequence.Event
    typealias Action = EndSequence.Action

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [(event: Event, actions: [Action])]
    }

    static let started: (event: Event, actions: [Action]) = (
        .started(leaderPID: 5), [.announceStart(leaderPID: 5)]
    )
    static let kill = Event.command(.kill, value: 0)
    static let failure = StartFailure(stage: .execute, errno: ENOENT, detail: "x")

    static let rows: [Row] = [
        Row(
            testDescription: "the leader exits",
            steps: [
                started,
                (.leaderEnded(.exited(code: 3)), [.killEverything]),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 3)))]),
            ]),
        Row(
            testDescription: "the output has reached its limit",
            steps: [
                started,
                (.outputFull, [.killEverything]),
                (.outputFull, []),
                (.leaderEnded(.signaled(number: SIGKILL)), [.killEverything]),
                (
                    .nothingLeft,
                    [
                        .seal(
                            Verdict(how: .signaled(number: SIGKILL), killedByLogLimit: true))
                    ]
                ),
            ]),
        Row(
            testDescription: "the last output of one that has ended is beyond the limit",
            steps: [
                started,
                (.leaderEnded(.exited(code: 0)), [.killEverything]),
                (.outputFull, []),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 0)))]),
            ]),
        Row(
            testDescription: "the leader is stopped and ends by itself",
            steps: [
                started,
                (
                    .command(.stopSignal, value: SIGTERM),
                    [.send(signal: SIGTERM, to: .group)]
                ),
                (.leaderEnded(.exited(code: 0)), [.killEverything]),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 0), stopRequested: true))]),
            ]),
        Row(
            testDescription: "a daemon that was started again asks for a stop again",
            steps: [
                started,
                (.command(.stopSignal, value: SIGTERM), [.send(signal: SIGTERM, to: .group)]),
                (.command(.stopSignal, value: SIGTERM), []),
                (.command(.stopSignal, value: SIGINT), []),
                (.leaderEnded(.exited(code: 0)), [.killEverything]),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 0), stopRequested: true))]),
            ]),
        Row(
            testDescription: "the time is over, and said to be so twice",
            steps: [
                started,
                (.command(.timeOver, value: 0), [.send(signal: SIGTERM, to: .group)]),
                (.command(.timeOver, value: 0), []),
                (.command(.stopSignal, value: SIGINT), []),
                (.leaderEnded(.exited(code: 0)), [.killEverything]),
                (
                    .nothingLeft,
                    [.seal(Verdict(how: .exited(code: 0), stopRequested: true, timedOut: true))]
                ),
            ]),
        Row(
            testDescription: "the time is over while somebody's stop is under way",
            steps: [
                started,
                (.command(.stopSignal, value: SIGINT), [.send(signal: SIGINT, to: .group)]),
                (.command(.timeOver, value: 0), []),
                (.leaderEnded(.exited(code: 0)), [.killEverything]),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 0), stopRequested: true))]),
            ]),
        Row(
            testDescription: "the grace is over",
            steps: [
                started,
                (.command(.stopSignal, value: SIGTERM), [.send(signal: SIGTERM, to: .group)]),
                (kill, [.killEverything]),
                (.leaderEnded(.signaled(number: SIGKILL)), [.killEverything]),
                (
                    .nothingLeft,
                    [
                        .seal(
                            Verdict(
                                how: .signaled(number: SIGKILL), killedByShim: true,
                                stopRequested: true))
                    ]
                ),
            ]),
        Row(
            testDescription: "a deadly signal was asked for",
            steps: [
                started,
                (.command(.signal, value: SIGINT), [.send(signal: SIGINT, to: .leader)]),
                (.leaderEnded(.signaled(number: SIGINT)), [.killEverything]),
                (
                    .nothingLeft,
                    [.seal(Verdict(how: .signaled(number: SIGINT), signalRequested: true))]
                ),
            ]),
        Row(
            testDescription: "another signal was asked for than the deadly one",
            steps: [
                started,
                (.command(.signal, value: SIGUSR1), [.send(signal: SIGUSR1, to: .leader)]),
                (.leaderEnded(.signaled(number: SIGSEGV)), [.killEverything]),
                (.nothingLeft, [.seal(Verdict(how: .signaled(number: SIGSEGV)))]),
            ]),
        Row(
            testDescription: "what is asked after the leader's end changes nothing",
            steps: [
                started,
                (.leaderEnded(.exited(code: 1)), [.killEverything]),
                (.command(.signal, value: SIGTERM), []),
                (.command(.stopSignal, value: SIGTERM), []),
                (kill, []),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 1)))]),
                (kill, []),
                (.nothingLeft, []),
            ]),
        Row(
            testDescription: "numbers that are no signals",
            steps: [
                started,
                (.command(.signal, value: 0), []),
                (.command(.stopSignal, value: 65), []),
                (.leaderEnded(.exited(code: 0)), [.killEverything]),
                (.nothingLeft, [.seal(Verdict(how: .exited(code: 0)))]),
            ]),
        Row(
            testDescription: "a namespace that was killed from outside",
            steps: [
                started,
                (.nothingLeft, [.seal(Verdict(how: .signaled(number: SIGKILL)))]),
            ]),
        Row(
            testDescription: "a namespace that does not die",
            steps: [
                started,
                (.deadlinePassed, []),
                (kill, [.killEverything]),
                (.deadlinePassed, [.killHarder]),
                (.deadlinePassed, [.killHarder]),
                (
                    .nothingLeft,
                    [.seal(Verdict(how: .signaled(number: SIGKILL), killedByShim: true))]
                ),
            ]),
        Row(
            testDescription: "killed while it starts",
            steps: [
                (kill, [.killEverything]),
                started,
                (.leaderEnded(.signaled(number: SIGKILL)), [.killEverything]),
                (
                    .nothingLeft,
                    [.seal(Verdict(how: .signaled(number: SIGKILL), killedByShim: true))]
                ),
            ]),
        Row(
            testDescription: "the program cannot be executed",
            steps: [
                (.failed(failure), [.announceFailure(failure), .killEverything]),
                (kill, []),
                (.deadlinePassed, [.killHarder]),
                (.nothingLeft, [.leave]),
            ]),
        Row(
            testDescription: "the first process is gone before it could say anything",
            steps: [
                (.nothingLeft, [.announceFailure(.supervisorLost), .leave])
            ]),
        Row(
            testDescription: "the start could not be recorded",
            steps: [
                started,
                (.failed(failure), [.announceFailure(failure), .killEverything]),
                (.leaderEnded(.signaled(number: SIGKILL)), []),
                (.nothingLeft, [.leave]),
            ]),
    ]

    @Test(arguments: rows)
    func `each event has its orders`(row: Row) {
        var sequence = EndSequence()
        for step in row.steps {
            #expect(sequence.handle(step.event) == step.actions)
        }
    }
}
