import Jobs
import JobsAPI
import Netlink
import Reactor
import SwiftProtobuf

/// A job as the bytes of a `cmdctl.v1.Job`: what ``Cmdctl_V1_Job/init(_:)`` says, said at once.
///
/// A job's state is asked for more often than anything else, and the generated code would make an
/// object of each message in it, measure them all, and write them then: 5 µs, this takes less than
/// one. The numbers are those of job.proto, in its order; a test compares the two.
extension ProtobufWriter {
    /// More than most jobs take.
    private static let jobBytesExpected = 384

    /// An answer of which a job is the first field, and all of it.
    static func answer(_ job: Job) -> [UInt8] {
        var writer = ProtobufWriter(reserving: jobBytesExpected)
        writer.message(field: 1) { $0.write(job) }
        return writer.bytes
    }

    private mutating func write(_ job: Job) {
        text(job.id.description, field: 1)
        // Read once: it has many parts, and to hand it out is to count a reference to each.
        let specification = job.specification
        text(specification?.name ?? "", field: 2)
        text(job.owner.name, field: 3)
        if let specification { message(field: 4) { $0.write(specification) } }
        word(Cmdctl_V1_JobState(job.state), field: 5)
        writeEnd(of: job)
        time(job.createdAt, field: 11)
        if let started = job.startedAt { time(started, field: 12) }
        if let ended = job.endedAt { time(ended, field: 13) }
        number(job.outputSize, field: 14)
        if let usage = job.usage { message(field: 15) { $0.write(usage) } }
        limits(job.limits, field: 16)
        for sentence in job.ungranted { element(sentence, field: 17) }
        number(UInt64(UInt32(clamping: job.queuePosition ?? 0)), field: 18)
        if let timeout = job.timeout { duration(timeout, field: 19) }
        if let limit = job.logLimit { message(field: 20) { $0.write(limit) } }
        if let address = job.networkAddress { text(address.description, field: 21) }
    }

    private mutating func writeEnd(of job: Job) {
        if let outcome = job.outcome { word(Cmdctl_V1_JobOutcome(outcome), field: 6) }
        switch job.exitStatus {
        case .exited(let code): number(UInt64(bitPattern: Int64(code)), ofOptional: 7)
        case .signaled(let number): self.number(UInt64(bitPattern: Int64(number)), ofOptional: 8)
        case .unknown, nil: break
        }
        text(job.statusMessage, field: 9)
        guard let failure = job.startFailure else { return }
        message(field: 10) {
            $0.word(Cmdctl_V1_StartStage(failure.stage), field: 1)
            $0.number(failure.errorNumber, field: 2)
            $0.text(failure.sentence, field: 3)
        }
    }

    private mutating func write(_ specification: JobSpecification) {
        message(field: 1) { $0.write(specification.command) }
        text(specification.name ?? "", field: 2)
        map(specification.environment, field: 3)
        text(specification.workingDirectory, field: 4)
        map(specification.labels, field: 5)
        number(specification.mergeOutput ? 1 : UInt64(0), field: 6)
        word(Cmdctl_V1_Isolation(specification.isolation), field: 7)
        text(specification.image ?? "", field: 8)
        text(specification.user ?? "", field: 9)
        if let network = specification.network { word(Cmdctl_V1_Network(network), field: 10) }
        limits(specification.limits, field: 11)
        if let timeout = specification.timeout { duration(timeout, field: 12) }
        guard specification.logLimit != LogLimit() else { return }
        message(field: 13) { $0.write(specification.logLimit) }
    }

    private mutating func write(_ command: JobSpecification.Command) {
        switch command {
        case .program(let program, let arguments):
            message(field: 1) { vector in
                vector.text(program, field: 1)
                for argument in arguments { vector.element(argument, field: 2) }
            }
        case .shell(let line):
            element(line, field: 2)
        }
    }

    private mutating func write(_ usage: ResourceUsage) {
        duration(usage.userCPUTime, field: 1)
        duration(usage.systemCPUTime, field: 2)
        number(usage.maxResidentBytes, field: 3)
        number(usage.memoryPeakBytes, field: 4)
    }

    private mutating func write(_ limit: LogLimit) {
        let limit = Cmdctl_V1_LogLimit(limit)
        number(limit.maxBytes, field: 1)
        word(limit.whenFull, field: 2)
    }

    /// Few jobs have any, so these are left to the generated code.
    private mutating func limits(_ limits: ResourceLimits, field: Int) {
        guard limits != ResourceLimits() else { return }
        bytes(of: Cmdctl_V1_ResourceLimits(limits), field: field)
    }
}

// MARK: - Types of protobuf's own

extension ProtobufWriter {
    private mutating func time(_ time: Timestamp, field: Int) {
        let (seconds, nanoseconds) = time.secondsAndNanoseconds
        message(field: field) {
            $0.number(UInt64(bitPattern: seconds), field: 1)
            $0.number(nanoseconds, field: 2)
        }
    }

    private mutating func duration(_ duration: Duration, field: Int) {
        // Those of jobs are whole nanoseconds.
        let (seconds, attoseconds) = duration.components
        message(field: field) {
            $0.number(UInt64(bitPattern: seconds), field: 1)
            $0.number(Int32(attoseconds / 1_000_000_000), field: 2)
        }
    }

    private mutating func map(_ pairs: [String: String], field: Int) {
        for (key, value) in pairs {
            message(field: field) {
                $0.element(key, field: 1)
                $0.element(value, field: 2)
            }
        }
    }
}
