import JobsAPI
import Reactor
import SwiftProtobuf

@testable import Client

/// Jobs whose text everybody can check by eye.
enum SampleJobs {
    /// 2026-11-21T00:30:00Z.
    static let now = Timestamp(nanoseconds: 1_795_221_000_000_000_000)

    static func renderer(_ format: OutputFormat) -> Renderer {
        Renderer(format: format, now: now)
    }

    static var running: Cmdctl_V1_Job {
        .with {
            $0.id = "019aa3c1-5f0e-7c52-9f6e-3d1b0e6a8f21"
            $0.name = "build"
            $0.owner = "alice"
            $0.state = .running
            $0.spec.command.argv.program = "make"
            $0.spec.command.argv.arguments = ["-j4", "all tests"]
            $0.spec.labels = ["team": "b", "app": "web"]
            $0.createTime = now.advanced(by: .seconds(-90)).message
            $0.startTime = now.advanced(by: .seconds(-89)).message
            $0.outputSize = 1536
        }
    }

    static var failed: Cmdctl_V1_Job {
        .with {
            $0.id = "019aa3c1-0000-7c52-9f6e-3d1b0e6a8f21"
            $0.owner = "bob"
            $0.state = .exited
            $0.outcome = .failed
            $0.exitCode = 7
            $0.spec.command.shell = "exit 7"
            $0.spec.environment = ["A": "b c"]
            $0.spec.workingDirectory = "/srv"
            $0.createTime = now.advanced(by: .seconds(-7200)).message
            $0.startTime = now.advanced(by: .seconds(-7200)).message
            $0.endTime = now.advanced(by: .seconds(-3600)).message
            $0.usage.userCpuTime.seconds = 61
            $0.usage.systemCpuTime.nanos = 5_000_000
            $0.usage.maxResidentBytes = 20 << 20
        }
    }

    static var list: Cmdctl_V1_ListJobsResponse {
        .with { $0.jobs = [running, failed] }
    }
}
