import Jobs
import JobsAPI
import Netlink
import SwiftProtobuf

extension Cmdctl_V1_Job {
    /// Says all that is known of a job.
    init(_ job: Job) {
        self.init()
        id = job.id.description
        name = job.name ?? ""
        owner = job.owner.name
        if let specification = job.specification { spec = .init(specification) }
        if job.limits != ResourceLimits() { effectiveLimits = .init(job.limits) }
        ungranted = job.ungranted
        state = .init(job.state)
        outputSize = job.outputSize
        createTime = .init(job.createdAt)
        queuePosition = UInt32(clamping: job.queuePosition ?? 0)
        if let timeout = job.timeout { effectiveTimeout = .init(rounding: timeout) }
        if let limit = job.logLimit { effectiveLogLimit = .init(limit) }
        if let address = job.networkAddress { networkAddress = address.description }
        if let started = job.startedAt { startTime = .init(started) }
        setEnd(of: job)
    }

    /// Says what a job would be, which is not and has no id.
    init(preview job: Job) {
        self.init(job)
        id = ""
        state = job.state == .queued ? .queued : .unspecified
        clearCreateTime()
    }

    private mutating func setEnd(of job: Job) {
        if let known = job.outcome { outcome = .init(known) }
        switch job.exitStatus {
        case .exited(let code): exitCode = code
        case .signaled(let number): signal = number
        // A lost job has neither, so that nobody reads a 0 that nobody saw.
        case .unknown, nil: break
        }
        if let failure = job.startFailure { startFailure = .init(failure) }
        if let ended = job.endedAt { endTime = .init(ended) }
        if let used = job.usage { usage = .init(used) }
        statusMessage = job.statusMessage
    }
}
