import Glibc
import ShimProtocol
import Testing

/// A real `cmdctl-shim` with a hand-made plan, in a directory of its own.
///
/// Waiting is by events throughout: the status pipe, the shim's end, the end of a FIFO that the
/// job's processes hold open.
final class ShimProcess {
    /// How a job is run.
    ///
    /// Each is a way in which a daemon may use its shims.
    enum Mode: String, CaseIterable, Sendable {
        /// As root, in a PID namespace.
        case namespace
        /// As root, without.
        case direct
        /// As a user without any privilege.
        case unprivileged

        /// Those this test run can use.
        static let available: [Mode] = geteuid() == 0 ? allCases : [.direct]
        /// Those in which no namespace ends the job's processes.
        static let withoutNamespace = available.filter { $0 != .namespace }
    }

    let directory: ScratchDirectory
    let pid: pid_t
    private var status: Int32
    /// At its end when the shim is.
    ///
    /// The descriptor its other end has there is one that a careless daemon left open, and that no
    /// job may see.
    private let life: Int32
    private var waited: ProcessStatus?

    /// Starts it; `wrapper` is a command that changes something, as its limits, and executes it.
    init(
        _ plan: ShimPlan, mode: Mode = .direct, wrapper: [String] = [], rawPlan: [UInt8]? = nil,
        user: UInt32 = ShimProcess.otherUser
    ) throws {
        var plan = plan
        plan.makePIDNamespace = mode == .namespace || plan.sandbox != nil
        directory = try ScratchDirectory()
        let planFile = try directory.makeFile("plan", rawPlan ?? plan.encoded())
        let log = try directory.makeFile("log")
        let index = try directory.makeFile("index")
        try check(flock(index, LOCK_EX | LOCK_NB))
        let ends = try makePipe()
        status = ends.read
        let lifeEnds = try makePipe()
        life = lifeEnds.read
        defer { [planFile, log, index, ends.write, lifeEnds.write].forEach { close($0) } }
        var command = wrapper
        if mode == .unprivileged { command += Self.becoming(user) }
        pid = try Self.spawn(
            command + [Self.binary, "01020304-0506-0708-090a-0b0c0d0e0f10"],
            [3: planFile, 4: log, 5: index, 6: ends.write, 7: lifeEnds.write])
    }

    deinit {
        stopListening()
        close(life)
        if waited == nil {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }

    /// `swift build --build-tests` puts the program beside the test bundle.
    static let binary: String = {
        let bundle = (try? readLink("/proc/self/exe")) ?? ""
        return bundle.prefix(upTo: bundle.lastIndex(of: "/") ?? bundle.endIndex) + "/cmdctl-shim"
    }()

    /// A uid that is nobody else's, not even another test run's.
    static let otherUser = 200_000 + UInt32(getpid())

    private static func becoming(_ user: UInt32) -> [String] {
        ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
    }

    private static func spawn(_ command: [String], _ files: [Int32: Int32]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        for (target, source) in files {
            posix_spawn_file_actions_adddup2(&actions, source, target)
        }
        var arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid: pid_t = 0
        try check(posix_spawn(&pid, command[0], &actions, nil, &arguments, environ))
        return pid
    }

    /// What came on the status pipe until its end.
    lazy var report: StartReport? = try? StartReport(decoding: readToEnd(status))

    /// Does as a daemon that dies.
    func stopListening() {
        if status >= 0 { close(status) }
        status = -1
    }

    /// Waits for the shim's end.
    @discardableResult
    func end() -> ProcessStatus {
        if let waited { return waited }
        do {
            try waitUntilReadable(life)
        } catch {
            Issue.record("the shim does not end")
            kill(pid, SIGKILL)
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1 {}
        let end: ProcessStatus =
            status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)
        waited = end
        return end
    }

    /// Asks for something, as a daemon does.
    func command(_ command: ShimCommand, value: Int32 = 0) {
        sigqueue(pid, command.signalNumber, sigval(sival_int: value))
    }

    /// What the shim wrote to the log so far.
    var log: [UInt8] { directory.contents(of: "log") }

    var text: String { String(decoding: log, as: UTF8.self) }

    var indexBytes: [UInt8] { directory.contents(of: "index") }

    /// All records so far.
    ///
    /// None of them may be damaged.
    var records: [IndexRecord] {
        let bytes = indexBytes.dropFirst(IndexHeader.size)
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: IndexRecord.size).map {
            guard let record = IndexRecord(decoding: Array(bytes[$0...].prefix(IndexRecord.size)))
            else { fatalError("a damaged record at \($0)") }
            return record
        }
    }

    /// The end record, which must be the last of the index and the only one of its kind.
    var verdict: EndRecord? {
        let ends = records.compactMap { record -> EndRecord? in
            if case .end(let end) = record { end } else { nil }
        }
        guard ends.count == 1, case .end(let end)? = records.last else { return nil }
        return end
    }

    /// The bytes that the index says came from `stream`.
    func output(from stream: StreamTag) -> [UInt8] {
        let log = log
        var runs = records.compactMap { record -> (Int, StreamTag)? in
            if case .run(let offset, _, let stream) = record { (Int(offset), stream) } else { nil }
        }
        runs.append((log.count, .stdout))
        return zip(runs, runs.dropFirst()).flatMap { run, next in
            run.1 == stream ? log[run.0..<next.0] : []
        }
    }
}

/// How a process ended, for waitpid(2).
enum ProcessStatus: Equatable {
    case exited(Int32)
    case signaled(Int32)
}

extension ShimPlan {
    /// A plan with what most tests want.
    static func running(
        _ program: String, _ arguments: [String] = [], environment: [Variable] = [.path],
        workingDirectory: String = "/", mergeOutput: Bool = false
    ) -> ShimPlan {
        ShimPlan(
            jobID: Array(1...16), program: program, arguments: arguments,
            environment: environment, workingDirectory: workingDirectory,
            mergeOutput: mergeOutput, makePIDNamespace: false, cgroupDirectory: nil)
    }

    /// A plan for a line of shell.
    static func shell(_ line: String, mergeOutput: Bool = false) -> ShimPlan {
        running("/bin/sh", ["-c", line], mergeOutput: mergeOutput)
    }
}

extension ShimPlan.Variable {
    static let path = ShimPlan.Variable(name: "PATH", value: "/usr/bin:/bin:/usr/sbin:/sbin")
}
