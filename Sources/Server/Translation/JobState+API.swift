import Jobs
import JobsAPI
import SwiftProtobuf

extension Cmdctl_V1_JobState {
    /// The API's word for a state.
    init(_ state: JobState) {
        switch state {
        case .queued: self = .queued
        case .starting: self = .starting
        case .running: self = .running
        case .paused: self = .paused
        case .stopping: self = .stopping
        case .exited: self = .exited
        }
    }
}

extension Cmdctl_V1_JobOutcome {
    /// The API's word for an outcome.
    init(_ outcome: JobOutcome) {
        switch outcome {
        case .succeeded: self = .succeeded
        case .failed: self = .failed
        case .stopped: self = .stopped
        case .killed: self = .killed
        case .timedOut: self = .timedOut
        case .oomKilled: self = .oomKilled
        case .lost: self = .lost
        case .startFailed: self = .startFailed
        }
    }
}

extension Cmdctl_V1_StartStage {
    /// The API's word for a stage.
    init(_ stage: StartFailure.Stage) {
        switch stage {
        case .files: self = .files
        case .supervisor: self = .supervisor
        case .namespaces: self = .namespaces
        case .cgroup: self = .cgroup
        case .credentials: self = .credentials
        case .workingDirectory: self = .workingDirectory
        case .execute: self = .execute
        }
    }
}

extension Cmdctl_V1_StartFailure {
    /// Says why a command could not be started.
    init(_ failure: StartFailure) {
        self.init()
        stage = .init(failure.stage)
        errorNumber = failure.errorNumber
        message = failure.sentence
    }
}

extension Cmdctl_V1_ResourceUsage {
    /// Says what a job used.
    init(_ usage: ResourceUsage) {
        self.init()
        userCpuTime = .init(rounding: usage.userCPUTime)
        systemCpuTime = .init(rounding: usage.systemCPUTime)
        maxResidentBytes = usage.maxResidentBytes
        memoryPeakBytes = usage.memoryPeakBytes
    }
}

extension JobState {
    /// The state a filter names; nil for one that no job of this server can be in.
    init?(_ state: Cmdctl_V1_JobState) {
        guard let known = Self.allCases.first(where: { .init($0) == state }) else { return nil }
        self = known
    }
}

extension JobOutcome {
    /// The outcome a filter names; nil for one that no job of this server can have.
    init?(_ outcome: Cmdctl_V1_JobOutcome) {
        guard let known = Self.allCases.first(where: { .init($0) == outcome }) else { return nil }
        self = known
    }
}
