import GRDB
import Reactor

extension JobEnd {
    static let columns =
        ["outcome", "exit_kind", "exit_number", "started_at", "ended_at"] + StartFailure.columns
        + ResourceUsage.columns + ["output_size", "dropped_bytes", "reached_log_limit"]

    static func columnValues(_ end: JobEnd?) -> ColumnValues {
        let exit = ExitStatus.columnValues(end?.verdict.exitStatus)
        let times: ColumnValues = [end?.startedAt?.nanoseconds, end?.endedAt.nanoseconds]
        let sizes: ColumnValues = [
            end.map { Int64(bitPattern: $0.outputSize) },
            end.map { Int64(bitPattern: $0.droppedBytes) },
            end?.reachedLogLimit,
        ]
        return [end?.verdict.outcome.rawValue] + exit + times
            + StartFailure.columnValues(end?.startFailure)
            + ResourceUsage.columnValues(end?.usage) + sizes
    }

    static func read(_ reader: inout ColumnReader) throws -> JobEnd? {
        let outcome = try reader.next(JobOutcome.init(rawValue:))
        let exitStatus = try ExitStatus.read(&reader)
        let startedAt = try reader.timestamp()
        let endedAt = try reader.timestamp()
        let startFailure = try StartFailure.read(&reader)
        let usage = try ResourceUsage.read(&reader)
        let outputSize = try reader.count()
        let droppedBytes = try reader.count()
        let reachedLogLimit = try reader.next(Bool?.self)
        guard let outcome else { return nil }
        guard let endedAt, let outputSize, let droppedBytes else {
            throw ColumnReader.Nonsense()
        }
        return JobEnd(
            verdict: JobVerdict(outcome: outcome, exitStatus: exitStatus), startedAt: startedAt,
            endedAt: endedAt, startFailure: startFailure, usage: usage, outputSize: outputSize,
            droppedBytes: droppedBytes, reachedLogLimit: reachedLogLimit ?? false)
    }
}

extension ExitStatus {
    static func columnValues(_ status: ExitStatus?) -> ColumnValues {
        switch status {
        case .exited(let code): ["code", code]
        case .signaled(let number): ["signal", number]
        case .unknown: ["unknown", nil]
        case nil: [nil, nil]
        }
    }

    static func read(_ reader: inout ColumnReader) throws -> ExitStatus? {
        let kind = try reader.next(String?.self)
        let number = try reader.next(Int32?.self)
        switch (kind, number) {
        case ("code", let code?): return .exited(code: code)
        case ("signal", let number?): return .signaled(number: number)
        case ("unknown", _): return .unknown
        case (nil, _): return nil
        default: throw ColumnReader.Nonsense()
        }
    }
}

extension StartFailure {
    static let columns = ["failure_stage", "failure_errno", "failure_cause", "failure_sentence"]

    static func columnValues(_ failure: StartFailure?) -> ColumnValues {
        [
            failure?.stage.rawValue, failure?.errorNumber, failure?.cause.rawValue,
            failure.map { ColumnText.encoded(Array($0.sentence.utf8)) },
        ]
    }

    static func read(_ reader: inout ColumnReader) throws -> StartFailure? {
        let stage = try reader.next(Stage.init(rawValue:))
        let errorNumber = try reader.next(Int32?.self)
        let cause = try reader.next(Cause.init(rawValue:))
        let sentence = try reader.text()
        guard let stage, let errorNumber, let cause, let sentence else { return nil }
        return StartFailure(
            stage: stage, errorNumber: errorNumber, cause: cause, sentence: sentence)
    }
}

extension ResourceUsage {
    static let columns = [
        "user_cpu_time", "system_cpu_time", "max_resident_bytes", "memory_peak_bytes",
    ]

    static func columnValues(_ usage: ResourceUsage?) -> ColumnValues {
        [
            usage?.userCPUTime.wholeNanoseconds, usage?.systemCPUTime.wholeNanoseconds,
            usage.map { Int64(bitPattern: $0.maxResidentBytes) },
            usage.map { Int64(bitPattern: $0.memoryPeakBytes) },
        ]
    }

    static func read(_ reader: inout ColumnReader) throws -> ResourceUsage? {
        let user = try reader.duration()
        let system = try reader.duration()
        let maxResidentBytes = try reader.count()
        let memoryPeakBytes = try reader.count()
        guard let user, let system, let maxResidentBytes, let memoryPeakBytes else { return nil }
        return ResourceUsage(
            userCPUTime: user, systemCPUTime: system, maxResidentBytes: maxResidentBytes,
            memoryPeakBytes: memoryPeakBytes)
    }
}
