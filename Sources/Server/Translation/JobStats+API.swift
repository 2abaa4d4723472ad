import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf

extension Cmdctl_V1_JobStats {
    /// Says what a job took at one moment.
    init(_ job: Job, _ usage: ControlGroupUsage, at time: Timestamp) {
        self.init()
        self.job = job.id.description
        name = job.name ?? ""
        owner = job.owner.name
        state = .init(job.state)
        sampleTime = .init(time)
        setTimes(usage)
        memoryBytes = usage.memoryBytes
        memoryPeakBytes = usage.memoryPeakBytes
        swapBytes = usage.swapBytes
        pids = UInt32(clamping: usage.pids)
        pidsPeak = UInt32(clamping: usage.pidsPeak)
        readBytes = usage.readBytes
        writtenBytes = usage.writtenBytes
        reads = usage.reads
        writes = usage.writes
        setPressures(usage)
        if job.limits != ResourceLimits() { effectiveLimits = .init(job.limits) }
    }

    private mutating func setTimes(_ usage: ControlGroupUsage) {
        userCpuTime = .init(rounding: usage.userCPUTime)
        systemCpuTime = .init(rounding: usage.systemCPUTime)
        throttledTime = .init(rounding: usage.throttledTime)
    }

    private mutating func setPressures(_ usage: ControlGroupUsage) {
        cpuPressure = .init(usage.cpuPressure)
        memoryPressure = .init(usage.memoryPressure)
        ioPressure = .init(usage.ioPressure)
    }
}

extension Cmdctl_V1_Pressure {
    fileprivate init(_ pressure: ControlGroupUsage.Pressure) {
        self.init()
        some = pressure.some
        full = pressure.full
    }
}
