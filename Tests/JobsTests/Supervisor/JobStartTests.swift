import Glibc
import Jobs
import Logging
import Reactor
import Simulator
import Testing

/// Starting jobs: what they are given, what cannot be started, and what starts nothing twice.
@Suite(.timeLimit(.minutes(10))) struct JobStartTests {
    @Test func `a job gets its environment, arguments and directory, and nothing else`() throws {
        let bench = try Workbench()
        let job = try bench.start(
            JobSpecification(
                command: .program("sh", arguments: ["-c", "env; pwd; ls /proc/self/fd | wc -l"]),
                environment: ["GREETING": "a=b c", "HOME": "/elsewhere"],
                workingDirectory: "/usr"))
        let lines = try bench.output(of: job).text.split(separator: "\n").map(String.init)
        #expect(lines.contains("GREETING=a=b c"))
        #expect(lines.contains("HOME=/elsewhere"))
        #expect(lines.contains("CMDCTL_JOB_ID=\(job.id)"))
        #expect(lines.contains { $0.hasPrefix("PATH=/") })
        #expect(lines.contains("/usr"))
        // 0, 1, 2, and the directory that ls reads.
        #expect(lines.last == "4")
    }

    @Test func `one megabyte of arguments runs`() throws {
        let bench = try Workbench()
        let arguments = (0..<10_000).map { _ in String(repeating: "x", count: 100) }
        let job = try bench.start(JobSpecification(command: .program("true", arguments: arguments)))
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .succeeded)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let specification: JobSpecification
        let reason: String
        let errorNumber: Int32
    }

    static let unstartable = [
        Row(
            testDescription: "no such program",
            specification: JobSpecification(command: .program("no-such-program", arguments: [])),
            reason: "PROGRAM_NOT_FOUND", errorNumber: ENOENT),
        Row(
            testDescription: "no such path",
            specification: JobSpecification(command: .program("/no/such/path", arguments: [])),
            reason: "PROGRAM_NOT_FOUND", errorNumber: ENOENT),
        Row(
            testDescription: "not executable",
            specification: JobSpecification(command: .program("/etc/passwd", arguments: [])),
            reason: "PROGRAM_NOT_EXECUTABLE", errorNumber: EACCES),
        Row(
            testDescription: "a directory",
            specification: JobSpecification(command: .program("/usr", arguments: [])),
            reason: "PROGRAM_NOT_EXECUTABLE", errorNumber: EACCES),
        Row(
            testDescription: "no such working directory",
            specification: JobSpecification(
                command: .program("true", arguments: []), workingDirectory: "/no/such/place"),
            reason: "WORKING_DIRECTORY_UNUSABLE", errorNumber: ENOENT),
        Row(
            testDescription: "an argument of one mebibyte",
            specification: JobSpecification(
                command: .program("true", arguments: [String(repeating: "x", count: 1 << 20)])),
            reason: "ARGUMENTS_TOO_LONG", errorNumber: E2BIG),
    ]

    @Test(arguments: unstartable) func `what cannot be started is told, and stays on record`(
        row: Row
    ) throws {
        let bench = try Workbench()
        guard
            case .failure(.startFailed(let id, let failure)) = try bench.tryToStart(
                row.specification)
        else {
            Issue.record("it started")
            return
        }
        #expect(JobError.startFailed(id, failure).reason == row.reason)
        #expect(failure.errorNumber == row.errorNumber)
        let job = try bench.supervisor.job("\(id)", for: Workbench.alice)
        #expect(job.state == .exited)
        #expect(job.outcome == .startFailed)
        #expect(job.exitStatus == nil)
        #expect(job.statusMessage == failure.sentence)
        #expect(bench.supervisor.liveJobCount == 0)
        let output = try bench.output(of: job)
        #expect(output.bytes.isEmpty)
        #expect(output.endedJob === job)
        try bench.settle()
        #expect(try LinuxKernel().list("\(bench.directory)/logs").isEmpty)
    }

    @Test func `a shim that is missing or dies in silence is told`() throws {
        for shim in ["/no/such/shim", "/bin/true"] {
            let bench = try Workbench(shimPath: shim)
            let specification = JobSpecification(command: .program("true", arguments: []))
            let error = #expect(throws: JobError.self) {
                try bench.tryToStart(specification).get()
            }
            #expect(error?.reason == "START_FAILED")
            #expect(error?.sentence.contains("supervises") == true)
            try bench.settle()
        }
    }

    @Test func `a specification that cannot be one is refused, with every problem`() throws {
        let bench = try Workbench()
        let specification = JobSpecification(
            command: .program("", arguments: []), workingDirectory: "here")
        guard
            case .failure(.invalidSpecification(let problems)) = try bench.tryToStart(
                specification)
        else {
            Issue.record("it was accepted")
            return
        }
        #expect(problems.count == 2)
        #expect(bench.allJobs.isEmpty)
    }

    @Test func `a name is taken as long as its job lives`() throws {
        let bench = try Workbench()
        let sleep = JobSpecification(
            command: .program("sleep", arguments: ["100"]), name: "web")
        let job = try bench.start(sleep)
        #expect(try bench.tryToStart(sleep) == .nameTaken(name: "web", by: job.id))
        let foreign = try bench.tryToStart(sleep, owner: Workbench.bob).get()
        #expect(foreign.id != job.id)
        _ = try bench.stop(job, grace: .zero)
        _ = try bench.stop(try bench.start(sleep), grace: .zero)
        _ = try bench.stop(foreign, grace: .zero)
    }

    @Test func `a request that is repeated starts nothing`() throws {
        let bench = try Workbench()
        let line = JobSpecification(command: .shell("echo once"))
        var answers: [Result<Job, JobError>] = []
        for _ in 1...3 {
            bench.supervisor.start(line, owner: Workbench.alice, requestID: "r") {
                answers.append($0)
            }
        }
        try bench.turn { answers.count == 3 }
        let job = try answers[0].get()
        try bench.waitForEnd(of: job)
        #expect(try bench.tryToStart(line, requestID: "r").get() === job)
        #expect(try answers.allSatisfy { try $0.get() === job })
        #expect(bench.allJobs.count == 1)
        let other = JobSpecification(command: .shell("echo twice"))
        #expect(try bench.tryToStart(other, requestID: "r") == .requestIDReused(requestID: "r"))
        let foreign = try bench.tryToStart(other, owner: Workbench.bob, requestID: "r").get()
        #expect(foreign !== job)
        try bench.waitForEnd(of: foreign)
        try bench.delete(job)
        #expect(try bench.tryToStart(line, requestID: "r") == .jobDeleted(job.id, requestID: "r"))
    }

    @Test func `a failure that is repeated is the same failure`() throws {
        let bench = try Workbench()
        let missing = JobSpecification(command: .program("no-such-program", arguments: []))
        let first = #expect(throws: JobError.self) {
            try bench.tryToStart(missing, requestID: "r").get()
        }
        let second = #expect(throws: JobError.self) {
            try bench.tryToStart(missing, requestID: "r").get()
        }
        #expect(first == second)
        #expect(bench.allJobs.count == 1)
    }

    @Test func `deleting needs an ended job, and takes everything`() throws {
        let bench = try Workbench()
        let job = try bench.start(JobSpecification(command: .program("sleep", arguments: ["100"])))
        #expect(throws: JobError.jobStillRunning(job.id)) { try bench.delete(job) }
        _ = try bench.stop(job, grace: .zero)
        #expect(try LinuxKernel().list("\(bench.directory)/logs").count == 2)
        try bench.delete(job)
        #expect(try LinuxKernel().list("\(bench.directory)/logs").isEmpty)
        #expect(throws: JobError.jobNotFound(selector: "\(job.id)")) {
            try bench.supervisor.job("\(job.id)", for: Workbench.alice)
        }
    }
}

/// The directory that a supervisor owns.
@Suite(.timeLimit(.minutes(10))) struct StateDirectoryTests {
    private let logger = Logger(label: "jobs", factory: { _ in SwiftLogNoOpLogHandler() })

    private func supervise(_ directory: String) throws(JobError) -> JobSupervisor {
        guard let reactor = try? Reactor(choosing: .auto) else {
            preconditionFailure("every Linux has epoll")
        }
        return try JobSupervisor(
            reactor: reactor, stateDirectory: directory, shimPath: Workbench.shimPath,
            records: SimulatedRecords(
                DurableStore(), on: SimulatedMachine(seed: 1), reactor: reactor),
            logger: logger)
    }

    @Test func `a second supervisor is told who has the directory`() throws {
        let bench = try Workbench()
        let error = #expect(throws: JobError.self) { try supervise(bench.directory) }
        #expect(error == .stateDirectoryInUse(path: bench.directory, holder: getpid()))
        #expect(error?.sentence.contains("process \(getpid())") == true)
        #expect(error?.sentence.contains(bench.directory) == true)
    }

    @Test func `only its owner may look into it`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "echo hi")
        try bench.waitForEnd(of: job)
        let kernel = LinuxKernel()
        #expect(try kernel.status(at: "\(bench.directory)/logs").mode == 0o700)
        for name in ["logs/\(job.id).log", "logs/\(job.id).idx", "lock"] {
            #expect(try kernel.status(at: "\(bench.directory)/\(name)").mode == 0o600)
        }
    }

    @Test(arguments: ["/proc/no-such-place", "/dev/null", "/no/such/parent/state"])
    func `a directory that cannot be used is named`(path: String) throws {
        let error = #expect(throws: JobError.self) { try supervise(path) }
        #expect(error?.reason == "STORAGE_UNAVAILABLE")
        #expect(error?.sentence.contains(path) == true)
    }
}
