import Glibc
import ShimProtocol

/// A job's shim, from its birth to its end.
///
/// It reads the plan, starts the job, moves its output to the log, and when the command ends
/// kills what is left, seals the log and exits. One thread; everything that may wait is in one
/// place, `ShimSystem.wait`. A system whose `wait` returns at once, with nothing that is ready, may
/// take its turns one by one.
package final class Shim {
    /// A first process that does not kill its namespace in this time is killed itself.
    private static let killGraceNanoseconds: Int64 = 5_000_000_000

    private let system: any ShimSystem
    private let signals: Int32
    private let keeper: any ProcessKeeper
    private var writer: OutputWriter
    private var relay: Relay
    private var sequence = EndSequence()
    private var killDeadline: Int64?
    private var isRelaying = false
    /// How it went, once it is over.
    package private(set) var exitCode: ShimExit?

    init(
        system: any ShimSystem, signals: Int32, keeper: any ProcessKeeper, writer: OutputWriter,
        relay: Relay
    ) {
        self.system = system
        self.signals = signals
        self.keeper = keeper
        self.writer = writer
        self.relay = relay
    }

    /// Runs the job to its end.
    func run() -> ShimExit {
        while true {
            if let exitCode { return exitCode }
            turn()
        }
    }

    /// Waits once, and does what is due then.
    package func turn() {
        let pipes = isRelaying ? relay.descriptors : []
        let own = [signals] + (keeper.descriptor.map { [$0] } ?? [])
        let ready = system.wait(for: own + pipes, until: killDeadline)
        relay.move(from: ready.filter(pipes.contains), to: &writer)
        if let descriptor = keeper.descriptor, ready.contains(descriptor) {
            handle(keeper.descriptorReady())
        }
        if ready.contains(signals) { readSignals() }
        if let killDeadline, system.monotonicNanoseconds >= killDeadline {
            self.killDeadline = nil
            handle([.deadlinePassed])
        }
    }

    private func readSignals() {
        for signal in system.readSignals(signals) {
            switch signal {
            case .childEnded: handle(keeper.childrenEnded())
            case .command(let command, let value): handle([.command(command, value: value)])
            }
        }
    }

    private func handle(_ events: [EndSequence.Event]) {
        for event in events {
            for action in sequence.handle(event) { perform(action) }
        }
    }

    private func perform(_ action: EndSequence.Action) {
        switch action {
        case .announceStart(let leaderPID): announceStart(leaderPID)
        case .announceFailure(let failure): announceFailure(failure)
        case .send(let signal, let target): keeper.send(signal, to: target)
        case .killEverything: kill(keeper.killEverything)
        case .killHarder: kill(keeper.killHarder)
        case .seal(let verdict): seal(verdict)
        case .leave: exitCode = .neverStarted
        }
    }

    private func kill(_ body: () -> [EndSequence.Event]) {
        killDeadline = killDeadline ?? system.monotonicNanoseconds + Self.killGraceNanoseconds
        handle(body())
    }

    /// The record comes before the report: a daemon that was told finds it.
    private func announceStart(_ leaderPID: Int32) {
        let time = system.wallClockNanoseconds
        do throws(SystemError) {
            try writer.recordStart(
                at: time, shimPID: system.processID, leaderPID: leaderPID)
            isRelaying = true
            announce(.started(leaderPID: leaderPID, timeNanoseconds: time))
        } catch {
            handle([.failed(StartFailure(stage: .files, errno: error.number, detail: "index"))])
        }
    }

    private func announceFailure(_ failure: StartFailure) {
        writer.recordFailure(failure)
        announce(failure.report)
    }

    /// A daemon that is gone is told nothing; its next life reads the index.
    private func announce(_ report: StartReport) {
        try? system.write(report.encoded(), toPipe: ShimDescriptor.status)
        system.close(ShimDescriptor.status)
    }

    private func seal(_ verdict: Verdict) {
        relay.drain(to: &writer)
        do throws(SystemError) {
            try writer.finish(verdict, usage: system.childrenUsage())
            try writer.synchronize()
            exitCode = .sealed
        } catch {
            system.complain("the end of the job may not be on disk: errno \(error.number)")
            exitCode = .unsealed
        }
    }
}

/// The exit codes of a shim.
///
/// The index is what counts; these are for people.
package enum ShimExit: Int32 {
    /// The job has ended and its log is sealed.
    case sealed = 0
    /// The job was never started; the status pipe says why.
    case neverStarted = 1
    /// The job has ended, but the storage did not take its end.
    case unsealed = 2
}
