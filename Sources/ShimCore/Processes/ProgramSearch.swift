import Glibc
package import ShimProtocol

/// Which file a program's name means, found by trying to execute one after the other.
///
/// Pure, and as execvp(3) does it, but with the PATH of the job's own environment.
package struct ProgramSearch {
    /// What to do after an attempt failed.
    package enum Next: Equatable {
        case tryNext
        /// The file has no format the kernel knows: it is a script without an interpreter line.
        case runWithShell
        case giveUp(StartFailure)
    }

    /// What is searched if the environment has no PATH; confstr(3), _CS_PATH.
    private static let defaultPath = "/bin:/usr/bin"

    /// The files to try, in this order.
    package let candidates: [String]
    private let program: String
    private var denied: String?

    package init(program: String, environment: [ShimPlan.Variable]) {
        self.program = program
        let path = environment.first { $0.name == "PATH" }?.value ?? Self.defaultPath
        candidates = Self.candidates(program, path)
    }

    /// Takes the errno of the attempt to execute `candidate`.
    ///
    /// A file that is there but may not be executed does not end the search, but it is the better
    /// answer if nothing else is found.
    package mutating func failed(_ candidate: String, errno: Int32) -> Next {
        switch errno {
        case EACCES: denied = denied ?? candidate
        case ENOENT, ENOTDIR, ESTALE, ENODEV, ETIMEDOUT: break
        case ENOEXEC: return .runWithShell
        default: return .giveUp(.init(stage: .execute, errno: errno, detail: candidate))
        }
        return .tryNext
    }

    /// The answer when there is no candidate left to try.
    package var notFound: StartFailure {
        if let denied { return StartFailure(stage: .execute, errno: EACCES, detail: denied) }
        return StartFailure(stage: .execute, errno: ENOENT, detail: program)
    }

    /// An empty element of PATH is the working directory, environ(7).
    private static func candidates(_ program: String, _ path: String) -> [String] {
        guard !program.isEmpty else { return [] }
        guard !program.utf8.contains(UInt8(ascii: "/")) else { return [program] }
        return path.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            $0.isEmpty ? program : "\(String(Substring($0)))/\(program)"
        }
    }
}
