import ShimProtocol
import Testing

@testable import Jobs

/// A job's life as a table: what is told, in every order it can be told, and what follows.
@Suite struct JobLifeTests {
    enum Event: Sendable {
        case leftQueue, stoppedInQueue, startReported, startUnclear, startFailed, shimEnded,
            verdict(JobVerdict)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var life = JobLife.starting
        var events: [Event] = []
        var actions: [JobLife.Action] = []
        var verdict: JobVerdict?
        var isStarting = false
    }

    private static let success = JobVerdict(outcome: .succeeded, exitStatus: .exited(code: 0))
    private static let failure = JobVerdict(outcome: .failed, exitStatus: .exited(code: 2))

    static let rows = [
        Row(testDescription: "begins", isStarting: true),
        Row(
            testDescription: "runs", events: [.startReported], actions: [.announceStart]),
        Row(
            testDescription: "runs and ends",
            events: [.startReported, .shimEnded, .verdict(success)],
            actions: [.announceStart, .readVerdict, .announceEnd], verdict: success),
        Row(
            testDescription: "ends before its start is known",
            events: [.shimEnded, .startReported, .verdict(failure)],
            actions: [.nothing, .announceStartAndReadVerdict, .announceEnd], verdict: failure),
        Row(
            testDescription: "ends without a word",
            events: [.startReported, .shimEnded, .verdict(.lost)],
            actions: [.announceStart, .readVerdict, .announceEnd], verdict: .lost),
        Row(
            testDescription: "cannot start", events: [.startFailed, .shimEnded],
            actions: [.announceFailure, .nothing], verdict: .startFailed),
        Row(
            testDescription: "cannot start, told late", events: [.shimEnded, .startFailed],
            actions: [.nothing, .announceFailure], verdict: .startFailed),
        Row(
            testDescription: "says nothing of its start, and never ran",
            events: [.startUnclear, .shimEnded, .verdict(.startFailed)],
            actions: [.nothing, .readVerdict, .announceFailure], verdict: .startFailed),
        Row(
            testDescription: "ends, says nothing of its start, and may have run",
            events: [.shimEnded, .startUnclear, .verdict(.lost)],
            actions: [.nothing, .readVerdict, .announceStartAndEnd], verdict: .lost),
        Row(testDescription: "is adopted", life: .adopted, isStarting: true),
        Row(
            testDescription: "is adopted, runs and ends", life: .adopted,
            events: [.startReported, .shimEnded, .verdict(success)],
            actions: [.announceStart, .readVerdict, .announceEnd], verdict: success),
        Row(
            testDescription: "is adopted, and had ended before it was seen to run", life: .adopted,
            events: [.shimEnded, .verdict(failure)],
            actions: [.readVerdict, .announceStartAndEnd], verdict: failure),
        Row(
            testDescription: "is adopted, and never ran", life: .adopted,
            events: [.shimEnded, .verdict(.startFailed)],
            actions: [.readVerdict, .announceFailure], verdict: .startFailed),
        Row(
            testDescription: "is adopted, and lost before it was seen to run", life: .adopted,
            events: [.shimEnded, .verdict(.lost)], actions: [.readVerdict, .announceStartAndEnd],
            verdict: .lost),
        Row(testDescription: "waits", life: .queued),
        Row(
            testDescription: "waits, and its turn comes", life: .queued, events: [.leftQueue],
            actions: [.nothing], isStarting: true),
        Row(
            testDescription: "is stopped while it waits", life: .queued, events: [.stoppedInQueue],
            actions: [.announceEnd], verdict: .stoppedInQueue),
        Row(
            testDescription: "is stopped as its turn comes", life: .queued,
            events: [.leftQueue, .stoppedInQueue], actions: [.nothing, .announceEnd],
            verdict: .stoppedInQueue),
        Row(testDescription: "is over", life: .ended(failure), verdict: failure),
    ]

    @Test(arguments: rows) func `follows its events`(row: Row) {
        var life = row.life
        let actions = row.events.map { event -> JobLife.Action in
            switch event {
            case .leftQueue:
                life.leftQueue()
                return .nothing
            case .stoppedInQueue: return life.stoppedInQueue()
            case .startReported: return life.startReported()
            case .startUnclear: return life.startUnclear()
            case .startFailed: return life.startFailed()
            case .shimEnded: return life.shimEnded()
            case .verdict(let verdict): return life.verdictRead(verdict)
            }
        }
        #expect(actions == row.actions)
        #expect(life.verdict == row.verdict)
        #expect(life.isStarting == row.isStarting)
    }
}

/// The table of outcomes.
@Suite struct JobVerdictTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let record: EndRecord
        let outcome: JobOutcome
    }

    static let rows = [
        Row(testDescription: "0, unasked", record: Specimen.end(), outcome: .succeeded),
        Row(
            testDescription: "n, unasked", record: Specimen.end(.exited(code: 9)), outcome: .failed),
        Row(
            testDescription: "signal, unasked", record: Specimen.end(.signaled(number: 9)),
            outcome: .failed),
        Row(
            testDescription: "0, within the grace", record: Specimen.end(stopped: true),
            outcome: .stopped),
        Row(
            testDescription: "n, within the grace",
            record: Specimen.end(.exited(code: 3), stopped: true), outcome: .stopped),
        Row(
            testDescription: "signal, within the grace",
            record: Specimen.end(.signaled(number: 15), stopped: true), outcome: .stopped),
        Row(
            testDescription: "killed after the grace",
            record: Specimen.end(.signaled(number: 9), killed: true, stopped: true),
            outcome: .killed),
        Row(
            testDescription: "0, when its time was over",
            record: Specimen.end(stopped: true, timedOut: true), outcome: .timedOut),
        Row(
            testDescription: "killed, when its time was over",
            record: Specimen.end(.signaled(number: 9), killed: true, stopped: true, timedOut: true),
            outcome: .timedOut),
        Row(
            testDescription: "killed at once",
            record: Specimen.end(.signaled(number: 9), killed: true), outcome: .killed),
        Row(
            testDescription: "ended by itself as the grace was over",
            record: Specimen.end(.exited(code: 0), killed: true, stopped: true),
            outcome: .stopped),
        Row(
            testDescription: "a deadly signal was asked for",
            record: Specimen.end(.signaled(number: 15), signaled: true), outcome: .killed),
        Row(
            testDescription: "a signal was asked for and handled",
            record: Specimen.end(.exited(code: 0)), outcome: .succeeded),
    ]

    @Test(arguments: rows) func `outcome`(row: Row) {
        let verdict = JobVerdict(row.record)
        #expect(verdict.outcome == row.outcome)
        switch row.record.how {
        case .exited(let code): #expect(verdict.exitStatus == .exited(code: code))
        case .signaled(let number): #expect(verdict.exitStatus == .signaled(number: number))
        }
    }
}
