import Foundation

/// A client that does not end, and what there is to know about it while it is still there.
struct Stall: Error, CustomStringConvertible {
    let description: String

    init(_ failure: any Error, of protagonist: Protagonist, on daemon: Daemon) {
        description =
            (["\(failure)", "\(protagonist)", "its job: \(daemon.phase(of: protagonist))"]
            + protagonist.clients.map { "\($0.name): \($0.program.standing)" }
            + [protagonist.id.map { Self.status(of: $0, on: daemon) } ?? "no id"]
            + ["the server: \(daemon.program.standing)"]).joined(separator: "\n")
    }

    /// As the server tells it, if it still tells anything.
    private static func status(of job: String, on daemon: Daemon) -> String {
        let asked = Result { () throws in
            try daemon.start(["get-status", job]).finish(by: Deadline(seconds: 20))
        }
        switch asked {
        case .success(let finished): return "\(finished)"
        case .failure(let failure): return "\(failure)"
        }
    }
}

extension RunningProgram {
    /// How far it has come: what it has said, and what it is doing now.
    fileprivate var standing: String {
        let said = saidSoFar()
        let lines = said.errorText.split(separator: "\n").suffix(30).joined(separator: "\n    ")
        return "\(said.outputCount) bytes of output\n  said: \(lines)\n\(ProcessPortrait(pid: pid))"
    }
}
