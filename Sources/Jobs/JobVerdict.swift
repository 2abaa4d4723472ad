package import ShimProtocol

/// How a job ended, in the two ways people ask: what it means, and what the kernel said.
package struct JobVerdict: Hashable, Sendable {
    /// What it means.
    package let outcome: JobOutcome
    /// What the kernel said; nil when no command ever ran.
    package let exitStatus: ExitStatus?

    /// The shim is gone and has left no word.
    package static let lost = JobVerdict(outcome: .lost, exitStatus: .unknown)
    /// It was stopped while it waited for others to end.
    package static let stoppedInQueue = JobVerdict(outcome: .stopped, exitStatus: nil)
    /// There never was a command.
    package static let startFailed = JobVerdict(outcome: .startFailed, exitStatus: nil)
}

extension JobVerdict {
    /// Reads the verdict from a job's last record.
    ///
    /// What had been asked stands in the record too, so a daemon that was not there comes to the
    /// same verdict as one that did the asking.
    package init(_ record: EndRecord) {
        switch record.how {
        case .exited(let code) where record.timedOut:
            self.init(outcome: .timedOut, exitStatus: .exited(code: code))
        case .exited(let code):
            let wasAsked = record.stopRequested || record.killedByShim
            let unasked: JobOutcome = code == 0 ? .succeeded : .failed
            self.init(outcome: wasAsked ? .stopped : unasked, exitStatus: .exited(code: code))
        case .signaled(let number):
            self.init(
                outcome: JobVerdict.outcome(ofSignal: number, record),
                exitStatus: .signaled(number: number))
        }
    }

    private static func outcome(ofSignal number: Int32, _ record: EndRecord) -> JobOutcome {
        let sigkill: Int32 = 9
        // Asked to stop or not: this is what it died of.
        if record.wasOutOfMemory && number == sigkill && !record.killedByShim { return .oomKilled }
        if record.killedByLogLimit && number == sigkill { return .killed }
        if record.timedOut { return .timedOut }
        if record.killedByShim && number == sigkill { return .killed }
        if record.stopRequested { return .stopped }
        return record.signalRequested ? .killed : .failed
    }
}
