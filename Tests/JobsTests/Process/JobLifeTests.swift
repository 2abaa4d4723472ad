import ShimProtocol
import Testing

@testable import Jobs

/// A job's life as a table: what is told, in every order it can be told, and what follows.
@Suite struct JobLifeTests {
    enum Event: Sendable {
        case startReported, startFailed, shimEnded, verdict(EndRecord?)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let events: [Event]
        let actions: [JobLife.Action]
        let verdict: JobVerdict?
    }

    static let rows = [
        Row(testDescription: "begins", events: [], actions: [], verdict: nil),
        Row(
            testDescription: "runs", events: [.startReported], actions: [.announceStart],
            verdict: nil),
        Row(
            testDescription: "runs and ends",
            events: [.startReported, .shimEnded, .verdict(Specimen.end())],
            actions: [.announceStart, .readVerdict, .announceEnd],
            verdict: JobVerdict(outcome: .succeeded, exitStatus: .exited(code: 0))),
        Row(
            testDescription: "ends before its start is known",
            events: [.shimEnded, .startReported, .verdict(Specimen.end(.exited(code: 2)))],
            actions: [.nothing, .announceStartAndReadVerdict, .announceEnd],
            verdict: JobVerdict(outcome: .failed, exitStatus: .exited(code: 2))),
        Row(
            testDescription: "ends without a word",
            events: [.startReported, .shimEnded, .verdict(nil)],
            actions: [.announceStart, .readVerdict, .announceEnd], verdict: .lost),
        Row(
            testDescription: "cannot start", events: [.startFailed, .shimEnded],
            actions: [.announceFailure, .nothing], verdict: .startFailed),
        Row(
            testDescription: "cannot start, told late", events: [.shimEnded, .startFailed],
            actions: [.nothing, .announceFailure], verdict: .startFailed),
    ]

    @Test(arguments: rows) func `follows its events`(row: Row) {
        var life = JobLife()
        let actions = row.events.map { event in
            switch event {
            case .startReported: life.startReported()
            case .startFailed: life.startFailed()
            case .shimEnded: life.shimEnded()
            case .verdict(let record): life.verdictRead(record)
            }
        }
        #expect(actions == row.actions)
        #expect(life.verdict == row.verdict)
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
