import Foundation

/// A job as `cmdctl get-status -o json` tells it: the protobuf JSON mapping of `cmdctl.v1.Job`.
struct JobStatus: Decodable, CustomStringConvertible {
    let id: String
    let name: String?
    let owner: String
    let state: String
    let outcome: String?
    let exitCode: Int?
    let signal: Int?
    let statusMessage: String?
    let createTime: String
    /// 64-bit numbers are strings in the mapping.
    let outputSize: String?

    init(_ json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// Outcome and how the leader ended, in one short word each.
    var ending: Ending {
        Ending(outcome?.replacing("JOB_OUTCOME_", with: "") ?? "", code: exitCode, signal: signal)
    }

    var description: String { "\(id) \(state) \(ending)" }
}

/// How a job ended.
struct Ending: Equatable, CustomStringConvertible {
    let outcome: String
    let code: Int?
    let signal: Int?

    init(_ outcome: String, code: Int? = nil, signal: Int? = nil) {
        self.outcome = outcome
        self.code = code
        self.signal = signal
    }

    var description: String {
        "\(outcome) code \(code.map(String.init) ?? "none") signal \(signal.map(String.init) ?? "none")"
    }
}

extension Daemon {
    /// What is known of a job now.
    func status(_ job: String, as identity: Identity? = nil) throws -> JobStatus {
        let finished = try cmdctl("get-status", job, "-o", "json", as: identity)
        guard finished.code == 0 else { throw EndToEndFailure("\(finished)") }
        return try JobStatus(finished.output)
    }

    /// Waits for a job to end and returns how.
    func ending(of job: String) throws -> Ending {
        let waited = try cmdctl("wait", job)
        let status = try status(job)
        guard status.state == "JOB_STATE_EXITED" else {
            throw EndToEndFailure("\(waited)\nbut then: \(status)")
        }
        return status.ending
    }

    /// Every job of a caller as the list shows them, for comparing before and after.
    func listing(as identity: Identity? = nil) throws -> String {
        let finished = try cmdctl("list", "-o", "json", as: identity)
        guard finished.code == 0 else { throw EndToEndFailure("\(finished)") }
        return finished.text
    }
}
