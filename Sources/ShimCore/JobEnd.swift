import ShimProtocol

/// All that is to be said about a job that has ended, but for its output.
package struct JobEnd: Equatable {
    /// How it ended.
    package let verdict: Verdict
    /// What it used.
    package let usage: ResourceUsage
    /// What the kernel tells of its memory, if it has a control group.
    package let memory: MemoryReport?
    /// When it ended.
    package let timeNanoseconds: Int64
    /// Whether its output would survive a loss of power.
    package let isLogSynchronized: Bool

    package init(
        verdict: Verdict, usage: ResourceUsage, memory: MemoryReport? = nil,
        timeNanoseconds: Int64, isLogSynchronized: Bool
    ) {
        self.verdict = verdict
        self.usage = usage
        self.memory = memory
        self.timeNanoseconds = timeNanoseconds
        self.isLogSynchronized = isLogSynchronized
    }

    func record(outputSize: UInt64, droppedBytes: UInt64) -> EndRecord {
        EndRecord(
            how: verdict.how, killedByShim: verdict.killedByShim,
            stopRequested: verdict.stopRequested, signalRequested: verdict.signalRequested,
            outputSize: outputSize, timeNanoseconds: timeNanoseconds,
            userCPUMicroseconds: usage.userCPUMicroseconds,
            systemCPUMicroseconds: usage.systemCPUMicroseconds,
            maxResidentBytes: usage.maxResidentBytes, droppedBytes: droppedBytes,
            isLogSynchronized: isLogSynchronized, timedOut: verdict.timedOut,
            wasOutOfMemory: (memory?.killCount ?? 0) > 0, memoryPeakBytes: memory?.peakBytes ?? 0,
            killedByLogLimit: verdict.killedByLogLimit)
    }
}
