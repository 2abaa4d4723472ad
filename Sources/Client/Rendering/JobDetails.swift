import JobsAPI
import Reactor
import SwiftProtobuf

/// All about one job, a fact to a line.
struct JobDetails {
    let job: Cmdctl_V1_Job
    let isWide: Bool
    let now: Timestamp

    var text: String {
        var table = TextTable()
        for (label, value) in facts + (isWide ? moreFacts : []) where !value.isEmpty {
            table.append(["\(label):", value])
        }
        return table.text
    }

    private var facts: [(String, String)] {
        [
            ("ID", job.id),
            ("Name", job.name),
            ("Owner", job.owner),
            ("State", job.state == .unspecified ? "" : job.state.text),
            ("Position", job.queuePosition == 0 ? "" : "\(job.queuePosition) in the queue"),
            ("Outcome", job.outcome == .unspecified ? "" : job.outcome.text),
            ("Exit code", job.hasExitCode ? "\(job.exitCode)" : ""),
            ("Signal", job.hasSignal ? "\(SignalName(number: job.signal))" : ""),
            ("Message", job.statusMessage),
            ("Start failure", job.startFailure.message),
            ("Command", job.commandText),
            ("Created", time(job.createTime, isSet: job.hasCreateTime)),
            ("Started", time(job.startTime, isSet: job.hasStartTime)),
            ("Ended", time(job.endTime, isSet: job.hasEndTime)),
            ("Output", ByteCount.text(job.outputSize)),
            ("Output limit", outputLimit),
            ("Time limit", job.hasEffectiveTimeout ? duration(job.effectiveTimeout) : ""),
            ("Labels", job.labelText),
        ]
    }

    private var outputLimit: String {
        let limit = job.effectiveLogLimit
        guard limit.maxBytes > 0 else { return "" }
        let size = ByteCount.text(limit.maxBytes)
        return switch limit.whenFull {
        case .keepNewest: "\(size), the newest is kept"
        case .dropNewest: "\(size), more is dropped"
        case .stopJob: "\(size), more ends the job"
        case .unspecified, .UNRECOGNIZED: size
        }
    }

    private var moreFacts: [(String, String)] {
        let peak = job.usage.memoryPeakBytes
        let environment = job.spec.environment.sorted { $0.key < $1.key }
            .map { "\($0)=\($1.quoted)" }.joined(separator: " ")
        return [
            ("Limits", job.limitText),
            ("Without", job.ungranted.joined(separator: " ")),
            ("Isolation", isolation?.rawValue ?? ""),
            ("Image", job.spec.image),
            ("User", job.spec.user),
            ("Network", network?.rawValue ?? ""),
            ("Address", job.networkAddress),
            ("Directory", job.spec.workingDirectory),
            ("Environment", environment),
            ("Streams", job.spec.mergeOutput ? "merged" : "separate"),
            ("User CPU", job.hasUsage ? duration(job.usage.userCpuTime) : ""),
            ("System CPU", job.hasUsage ? duration(job.usage.systemCpuTime) : ""),
            ("Most memory", job.hasUsage ? ByteCount.text(job.usage.maxResidentBytes) : ""),
            ("Memory peak", peak == 0 ? "" : ByteCount.text(peak)),
        ]
    }

    private var isolation: IsolationProfile? {
        IsolationProfile.allCases.first { $0.message == job.spec.isolation }
    }

    /// What it can reach, also where nobody asked for anything.
    private var network: NetworkProfile? {
        guard job.spec.network == .unspecified else {
            return NetworkProfile.allCases.first { $0.message == job.spec.network }
        }
        return isolation.map { $0 == .host ? .host : .none }
    }

    private func time(_ time: Google_Protobuf_Timestamp, isSet: Bool) -> String {
        guard isSet else { return "" }
        let moment = Timestamp(time)
        return isWide ? moment.rfc3339 : moment.relative(to: now)
    }

    private func duration(_ duration: Google_Protobuf_Duration) -> String {
        // Ten thousand years are the most that duration.proto allows; a server may say anything.
        let longest: Int64 = 315_576_000_000
        let seconds = min(max(duration.seconds, -longest), longest)
        return "\(DurationText(.seconds(seconds) + .nanoseconds(Int64(duration.nanos))))"
    }
}
