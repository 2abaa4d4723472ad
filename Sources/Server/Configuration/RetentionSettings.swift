import Jobs
import Reactor

/// What the operator wants to keep of jobs that have ended, and of all output.
struct RetentionSettings: Equatable {
    /// How much all output may take.
    enum Total: Equatable {
        /// As much as suits the file system.
        case auto
        case bytes(UInt64)
        case unlimited
    }

    let age: Duration?
    let jobs: Int?
    let bytes: UInt64?
    let total: Total

    init(_ sources: Sources) throws(ConfigurationError) {
        age = try sources.bound(.retainAge, as: "a length of time, as 30d, or all") {
            Duration(parsingSetting: $0)
        }
        jobs = try sources.bound(.retainJobs, as: "a number of jobs, or all") {
            Int($0).flatMap { $0 >= 0 ? $0 : nil }
        }
        bytes = try sources.bound(.retainBytes, as: "a number of bytes, as 10G, or all") {
            UInt64(parsingBytes: $0)
        }
        total = try sources.parsed(
            .logsTotalMax, as: "a number of bytes, as 10G, or auto or all"
        ) { text in
            switch text {
            case "auto": .auto
            case "all": .unlimited
            default: UInt64(parsingBytes: text).map(Total.bytes)
            }
        }
    }

    /// The policy for a state directory on a file system of that size.
    func policy(fileSystemSize: UInt64) -> RetentionPolicy {
        let totalBytes: UInt64? =
            switch total {
            case .auto: min(fileSystemSize / Limits.logsShareOfDisk, Limits.logsTotalBytes)
            case .bytes(let bytes): bytes
            case .unlimited: nil
            }
        return RetentionPolicy(age: age, jobs: jobs, bytes: bytes, totalBytes: totalBytes)
    }
}

extension Sources {
    /// A bound, or nil for `all`.
    fileprivate func bound<Value>(
        _ setting: Setting, as expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        let bound: Value?? = try parsed(setting, as: expected) { text in
            text == "all" ? .some(nil) : parse(text).map(Optional.some)
        }
        return bound ?? nil
    }
}
