import Reactor

/// What one is told whose quota does not suffice: what there is, and what can be done.
extension QuotaHolder {
    func queueSentence(_ max: Int) -> String {
        let whose = self == .tenant ? "You have" : "The server has"
        return
            "\(whose) \(max) jobs that wait to be started, as many as there may be. Nothing was "
            + "started; try again when one of them has begun, or stop one."
    }

    func queueSentence(bytesMax: Int) -> String {
        let whose = self == .tenant ? "Your jobs" : "All jobs of the server"
        return
            "\(whose) that wait may take \(bytesMax >> 20) MiB of memory, with their arguments, their "
            + "environment and what they are to read; with this one that is exceeded. Nothing was "
            + "started; put data into files, or try again when one of them has begun."
    }

    func rateSentence(_ rate: StartRate, _ wait: Duration) -> String {
        let whose = self == .tenant ? "You may start" : "The server starts"
        return
            "\(whose) a job every \(text(rate.interval)), and at most \(rate.burst) at once. Nothing "
            + "was started; try again in \(text(wait))."
    }
}

extension QuotaResource {
    func sentence(_ asked: UInt64?, _ holder: QuotaHolder, _ max: UInt64) -> String {
        let whose = holder == .tenant ? "all your jobs together" : "all jobs of the server together"
        let remedy = "Ask for a limit of at most \(text(max))."
        switch (self, asked) {
        case (.running, _):
            return holder == .tenant
                ? "You may not start any job here. Ask the server's administrator."
                : "This server starts no jobs. Ask its administrator."
        case (_, let asked?):
            return "The job asks for \(text(asked)), and \(whose) may have \(text(max)). \(remedy)"
        case (_, nil):
            return "The job has no limit of its own, and \(whose) may have \(text(max)). \(remedy)"
        }
    }

    func sentence(_ asked: UInt64, _ holder: QuotaHolder, free: UInt64) -> String {
        let others = holder == .tenant ? "your other jobs" : "the other jobs of the server"
        return
            "The job asks for \(text(asked)), and \(others) that run leave \(text(free)) of what may "
            + "be granted. Ask for that, or try again when one of them has ended."
    }

    private func text(_ amount: UInt64) -> String {
        switch self {
        case .running: "\(amount) jobs"
        case .memory: "\(size(amount)) of memory"
        case .cpu where amount.isMultiple(of: 10): "\(amount / 10)% of a processor"
        case .cpu: "\(amount / 10).\(amount % 10)% of a processor"
        }
    }

    /// In the largest unit that leaves a whole number.
    private func size(_ bytes: UInt64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (bytes, 0)
        while value > 0, value.isMultiple(of: 1024), unit + 1 < units.count {
            (value, unit) = (value / 1024, unit + 1)
        }
        return "\(value) \(units[unit])"
    }
}

/// In seconds, rounded up to the millisecond: who comes back then does not come too early.
private func text(_ duration: Duration) -> String {
    let milliseconds = (duration.wholeNanoseconds + 999_999) / 1_000_000
    guard !milliseconds.isMultiple(of: 1000) else { return "\(milliseconds / 1000) s" }
    let digits = "\(milliseconds % 1000)"
    let zeros = String(repeating: "0", count: 3 - digits.count)
    return "\(milliseconds / 1000).\(zeros)\(digits) s"
}
