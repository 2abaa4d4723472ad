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
    /// A disk that does not answer must not keep a job from having ended.
    private static let diskPatienceNanoseconds: Int64 = 2_000_000_000
    /// An end that cannot be recorded now may be when there is space again.
    private static let sealPauseNanoseconds: Int64 = 1_000_000_000
    private static let sealTriesMax = 60

    private let system: any ShimSystem
    private let signals: Int32
    private let keeper: any ProcessKeeper
    private let cgroupDirectory: String?
    private var writer: OutputWriter
    private var relay: Relay
    private var sequence = EndSequence()
    /// When a kill is over, or an end is to be recorded again.
    private var deadline: Int64?
    private var isRelaying = false
    /// What is still to be recorded.
    private var end: JobEnd?
    private var sealTries = 0
    /// How it went, once it is over.
    package private(set) var exitCode: ShimExit?

    init(
        system: any ShimSystem, signals: Int32, keeper: any ProcessKeeper, writer: OutputWriter,
        relay: Relay, cgroupDirectory: String?
    ) {
        self.system = system
        self.signals = signals
        self.keeper = keeper
        self.writer = writer
        self.relay = relay
        self.cgroupDirectory = cgroupDirectory
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
        let ready = system.wait(for: own + pipes, until: deadline)
        relay.move(from: ready.filter(pipes.contains), to: &writer)
        if writer.endsJob { handle([.outputFull]) }
        if let descriptor = keeper.descriptor, ready.contains(descriptor) {
            handle(keeper.descriptorReady())
        }
        if ready.contains(signals) { readSignals() }
        if let deadline, system.monotonicNanoseconds >= deadline {
            self.deadline = nil
            if let end { record(end) } else { handle([.deadlinePassed]) }
        }
    }

    private func readSignals() {
        for signal in system.readSignals(signals) {
            switch signal {
            case .childEnded: handle(keeper.childrenEnded())
            case .command(.limitLog, let value):
                writer.bound(to: value > 0 ? UInt64(value) << 10 : nil)
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
        deadline = deadline ?? system.monotonicNanoseconds + Self.killGraceNanoseconds
        handle(body())
    }

    /// The record comes before the report: a daemon that was told finds it.
    private func announceStart(_ leaderPID: Int32) {
        let time = system.wallClockNanoseconds
        do throws(SystemError) {
            try writer.recordStart(
                at: time, shimPID: system.processID, leaderPID: leaderPID)
            system.reached(.startRecorded)
            isRelaying = true
            announce(.started(leaderPID: leaderPID, timeNanoseconds: time))
            system.reached(.startReported)
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

    // MARK: The end

    /// The log first: a verdict that survives a loss of power must not seal bytes that do not.
    private func seal(_ verdict: Verdict) {
        relay.drain(to: &writer)
        system.reached(.outputDrained)
        let memory = cgroupDirectory.flatMap(system.memoryReport)
        let end = JobEnd(
            verdict: verdict, usage: system.childrenUsage(), memory: memory,
            timeNanoseconds: system.wallClockNanoseconds,
            isLogSynchronized: isOnDisk("the output of the job") { () throws(SystemError) in
                try writer.synchronizeLog(withinNanoseconds: Self.diskPatienceNanoseconds)
            })
        system.reached(.logSynchronized)
        self.end = end
        record(end)
    }

    private func record(_ end: JobEnd) {
        sealTries += 1
        do throws(SystemError) {
            try writer.finish(end)
        } catch {
            return recordLater(error)
        }
        system.reached(.endRecorded)
        let isSealOnDisk = isOnDisk("the end of the job") { () throws(SystemError) in
            try writer.synchronizeIndex(withinNanoseconds: Self.diskPatienceNanoseconds)
        }
        system.reached(.endSynchronized)
        exitCode = isSealOnDisk ? .sealed : .unsealed
    }

    private func recordLater(_ error: SystemError) {
        guard sealTries < Self.sealTriesMax else {
            system.complain("the end of the job cannot be recorded: errno \(error.number)")
            exitCode = .unsealed
            return
        }
        deadline = system.monotonicNanoseconds + Self.sealPauseNanoseconds
    }

    private func isOnDisk(_ what: String, after body: () throws(SystemError) -> Void) -> Bool {
        do throws(SystemError) {
            try body()
            return true
        } catch {
            system.complain("\(what) may not be on disk: errno \(error.number)")
            return false
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
    /// The job has ended, but its end may not be on disk.
    case unsealed = 2
}
