/// How a process ended, as wait(2) tells it.
package enum ProcessEnd: Equatable, Hashable, Sendable {
    /// It exited with this code.
    case exited(code: Int32)
    /// It was ended by the signal of this number.
    case signaled(number: Int32)
}

/// The verdict on a job: the last record of its index.
///
/// What had been asked of the shim is part of it, so that a daemon which was not there can still
/// tell a job that was stopped from one that failed.
package struct EndRecord: Equatable, Sendable {
    /// How the leader, the command itself, ended.
    package var how: ProcessEnd
    /// A `kill` command had been received before the leader ended.
    package var killedByShim: Bool
    /// A `stopSignal` or `timeOver` command had been received before the leader ended.
    package var stopRequested: Bool
    /// The first step of that stop was a `timeOver` command.
    package var timedOut: Bool
    /// A `signal` command had asked for the very signal that ended the leader.
    package var signalRequested: Bool
    /// The size of the log.
    package var outputSize: UInt64
    /// When the job had ended and its output was complete, in nanoseconds since the Unix epoch.
    package var timeNanoseconds: Int64
    /// Processor time of the leader and all its descendants, outside the kernel.
    package var userCPUMicroseconds: UInt64
    /// Processor time of the leader and all its descendants, in the kernel.
    package var systemCPUMicroseconds: UInt64
    /// The largest resident set of any one process of the job.
    package var maxResidentBytes: UInt64
    /// Output that could not be written; the sum over all gaps, those without a record included.
    package var droppedBytes: UInt64
    /// The log was on disk before this record was written.
    ///
    /// It is not if the disk failed or took too long; then a loss of power may cost bytes of a job
    /// whose end is known.
    package var isLogSynchronized: Bool
    /// The kernel killed the job, or a part of it, for want of memory.
    package var wasOutOfMemory: Bool
    /// The most memory that all of the job had at one time, rounded down to pages of 4 KiB; 0 if
    /// that is not known.
    package var memoryPeakBytes: UInt64
    /// The job was killed because its output had reached its limit.
    package var killedByLogLimit: Bool

    package init(
        how: ProcessEnd, killedByShim: Bool, stopRequested: Bool, signalRequested: Bool,
        outputSize: UInt64, timeNanoseconds: Int64, userCPUMicroseconds: UInt64,
        systemCPUMicroseconds: UInt64, maxResidentBytes: UInt64, droppedBytes: UInt64,
        isLogSynchronized: Bool = true, timedOut: Bool = false, wasOutOfMemory: Bool = false,
        memoryPeakBytes: UInt64 = 0, killedByLogLimit: Bool = false
    ) {
        self.how = how
        self.killedByShim = killedByShim
        self.stopRequested = stopRequested
        self.timedOut = timedOut
        self.signalRequested = signalRequested
        self.outputSize = outputSize
        self.timeNanoseconds = timeNanoseconds
        self.userCPUMicroseconds = userCPUMicroseconds
        self.systemCPUMicroseconds = systemCPUMicroseconds
        self.maxResidentBytes = maxResidentBytes
        self.droppedBytes = droppedBytes
        self.isLogSynchronized = isLogSynchronized
        self.wasOutOfMemory = wasOutOfMemory
        self.memoryPeakBytes = memoryPeakBytes
        self.killedByLogLimit = killedByLogLimit
    }
}

extension EndRecord {
    private enum How: UInt8 {
        case exited = 1
        case signaled = 2
    }

    private struct Flags: OptionSet {
        let rawValue: UInt16
        static let killedByShim = Flags(rawValue: 1 << 0)
        static let stopRequested = Flags(rawValue: 1 << 1)
        static let signalRequested = Flags(rawValue: 1 << 2)
        static let logNotSynchronized = Flags(rawValue: 1 << 3)
        static let outOfMemory = Flags(rawValue: 1 << 4)
        static let timedOut = Flags(rawValue: 1 << 5)
        static let killedByLogLimit = Flags(rawValue: 1 << 6)
    }

    /// Four bytes are left in a record, and in bytes they would hold too little.
    private static let pageSize: UInt64 = 4096

    func fields(kind: UInt8) -> IndexRecord.Fields {
        var flags: Flags = []
        if killedByShim { flags.insert(.killedByShim) }
        if stopRequested { flags.insert(.stopRequested) }
        if signalRequested { flags.insert(.signalRequested) }
        if !isLogSynchronized { flags.insert(.logNotSynchronized) }
        if timedOut { flags.insert(.timedOut) }
        if wasOutOfMemory { flags.insert(.outOfMemory) }
        if killedByLogLimit { flags.insert(.killedByLogLimit) }
        let (form, number): (How, Int32) =
            switch how {
            case .exited(let code): (.exited, code)
            case .signaled(let number): (.signaled, number)
            }
        var usage = ByteWriter()
        usage.append(userCPUMicroseconds)
        usage.append(systemCPUMicroseconds)
        usage.append(maxResidentBytes)
        usage.append(UInt32(clamping: memoryPeakBytes / Self.pageSize))
        return IndexRecord.Fields(
            kind: kind, detail: form.rawValue, flags: flags.rawValue, number: number,
            offset: outputSize, timeNanoseconds: timeNanoseconds, count: droppedBytes,
            rest: usage.bytes[...])
    }

    init?(_ fields: IndexRecord.Fields) {
        let flags = Flags(rawValue: fields.flags)
        let how: ProcessEnd
        switch How(rawValue: fields.detail) {
        case .exited: how = .exited(code: fields.number)
        case .signaled: how = .signaled(number: fields.number)
        case nil: return nil
        }
        var usage = ByteReader(fields.rest)
        guard let userCPU = try? usage.integer(UInt64.self),
            let systemCPU = try? usage.integer(UInt64.self),
            let maxResident = try? usage.integer(UInt64.self),
            let peakPages = try? usage.integer(UInt32.self)
        else { return nil }
        self.init(
            how: how, killedByShim: flags.contains(.killedByShim),
            stopRequested: flags.contains(.stopRequested),
            signalRequested: flags.contains(.signalRequested), outputSize: fields.offset,
            timeNanoseconds: fields.timeNanoseconds, userCPUMicroseconds: userCPU,
            systemCPUMicroseconds: systemCPU, maxResidentBytes: maxResident,
            droppedBytes: fields.count,
            isLogSynchronized: !flags.contains(.logNotSynchronized),
            timedOut: flags.contains(.timedOut),
            wasOutOfMemory: flags.contains(.outOfMemory),
            memoryPeakBytes: UInt64(peakPages) * Self.pageSize,
            killedByLogLimit: flags.contains(.killedByLogLimit))
    }
}
