import CLinux
import Glibc
import ShimProtocol
import Testing

@testable import Reactor

/// Shims that are forked from a nursery are what executed ones are, and there is always one or the
/// other.
///
/// The real program, started as the daemon starts it.
@Suite(.timeLimit(.minutes(10))) struct NurseryTests {
    private let kernel = LinuxKernel()

    private func nursery(
        of program: String = ShimProcess.binary, patience: Duration = .seconds(60)
    ) -> Nursery {
        Nursery(
            ProcessSpawn(
                path: program, arguments: ShimNursery.arguments,
                fileActions: (0...2).map { .init(target: $0, source: NewbornShim.null) }),
            door: ShimNursery.door, patience: patience)
    }

    private func bear(_ line: String, from nursery: Nursery) throws -> NewbornShim {
        try NewbornShim(.shell(line), nursery: nursery, kernel: kernel)
    }

    @Test func `a shim is the asker's own child, is called after its job, and keeps it`() throws {
        let nursery = nursery()
        for code: Int32 in 0...3 {
            let shim = try bear("echo born; exit \(code)", from: nursery)
            #expect(try shim.end() == .exited(code: 0))
            #expect(shim.log == "born\n")
            #expect(shim.verdict == .exited(code: code))
        }
        let first = try #require(nursery.pid)
        #expect(words(of: first) == ShimNursery.arguments)
        let shim = try bear("sleep 1000", from: nursery)
        shim.awaitStart()
        #expect(children(of: getpid()).contains(shim.pid))
        #expect(words(of: shim.pid) == ["cmdctl-shim", NewbornShim.id])
        #expect(nursery.pid == first)
        try shim.kill()
    }

    @Test(.enabled(if: geteuid() == 0, "only root may look at the descriptors of a shim"))
    func `the nursery keeps nothing of a shim, and a shim nothing of the nursery`() throws {
        let nursery = nursery()
        let shim = try bear("sleep 1000", from: nursery)
        shim.awaitStart()
        #expect(!shim.canBeLocked)
        let socket = try descriptors(of: #require(nursery.pid)).filter {
            $0.value.hasPrefix("socket:")
        }
        #expect(socket.count == 1)
        #expect(!descriptors(of: shim.pid).values.contains { socket.values.contains($0) })
        try shim.kill()
        #expect(shim.canBeLocked)
    }

    @Test func `a nursery that was killed is replaced`() throws {
        let nursery = nursery()
        #expect(try bear("exit 1", from: nursery).end() == .exited(code: 0))
        let first = try #require(nursery.pid)
        kill(first, SIGKILL)
        for code: Int32 in 2...4 {
            let shim = try bear("exit \(code)", from: nursery)
            #expect(try shim.end() == .exited(code: 0))
            #expect(shim.verdict == .exited(code: code))
        }
        #expect(nursery.pid != nil && nursery.pid != first)
    }

    /// What it has been asked for before it stopped must not be born when it goes on.
    @Test func `a nursery that does not answer is given up, and its job starts once`() throws {
        let nursery = nursery(patience: .milliseconds(200))
        #expect(try bear("exit 1", from: nursery).end() == .exited(code: 0))
        let first = try #require(nursery.pid)
        kill(first, SIGSTOP)
        let shim = try bear("echo born; exit 2", from: nursery)
        #expect(try shim.end() == .exited(code: 0))
        #expect(shim.log == "born\n")
        #expect(shim.verdict == .exited(code: 2))
        #expect(try bear("exit 3", from: nursery).end() == .exited(code: 0))
        #expect(nursery.pid != nil && nursery.pid != first)
    }

    /// As when no pidfd is to be had.
    @Test func `a child that nobody lets start ends, and has done nothing`() throws {
        let unstarted = try UnstartedShim(kernel)
        let child = try kernel.openProcess(unstarted.pid)
        close(unstarted.start)
        try waitUntilReadable(child.raw)
        #expect(try kernel.reap(child.raw) == .exited(code: 127))
        #expect(unstarted.report.isEmpty)
        try unstarted.endNursery()
    }

    /// As when the nursery dies between the birth and its answer.
    @Test func `a child that nobody has heard of ends, says which it is, and is reaped`() throws {
        let unstarted = try UnstartedShim(kernel)
        try unstarted.endNursery()
        #expect(clinux_end_unheard(unstarted.start, 60_000) == unstarted.pid)
        #expect(waitpid(unstarted.pid, nil, WNOHANG) == -1 && errno == ECHILD)
        #expect(unstarted.report.isEmpty)
    }

    @Test func `where there is no child, nobody waits for one`() throws {
        var ends: [Int32] = [-1, -1]
        try check(unsafe clinux_message_pair(&ends))
        close(ends[1])
        #expect(clinux_end_unheard(ends[0], 60_000) == -EPIPE)
    }

    @Test func `a nursery ends with its owner`() throws {
        var owned: Nursery? = nursery()
        #expect(try bear("exit 1", from: #require(owned)).end() == .exited(code: 0))
        let pid = try #require(owned?.pid)
        #expect(kill(pid, 0) == 0)
        owned = nil
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test func `where there can be no nursery, a shim is executed`() throws {
        let nursery = nursery(of: "/bin/false")
        for code: Int32 in 4...6 {
            let shim = try bear("exit \(code)", from: nursery)
            #expect(try shim.end() == .exited(code: 0))
            #expect(shim.verdict == .exited(code: code))
        }
        #expect(nursery.pid == nil)
    }

    @Test func `many are born at a time, and each is its own`() throws {
        let nursery = nursery()
        let shims = try (0..<20).map { try bear("echo \($0)", from: nursery) }
        for (number, shim) in shims.enumerated() {
            #expect(try shim.end() == .exited(code: 0))
            #expect(shim.log == "\(number)\n")
        }
    }
}

/// A shim with all that a daemon gives it.
private final class NewbornShim {
    static let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    static let id = "01020304-0506-0708-090a-0b0c0d0e0f10"

    let pid: pid_t
    private let nursery: Nursery
    private let kernel: LinuxKernel
    private let directory: ScratchDirectory
    private let handle: OwnedDescriptor
    private let status: Int32

    init(_ plan: ShimPlan, nursery: Nursery, kernel: LinuxKernel) throws {
        (self.nursery, self.kernel) = (nursery, kernel)
        directory = try ScratchDirectory()
        let plan = try directory.makeFile("plan", plan.encoded())
        let log = try directory.makeFile("log")
        let index = try directory.makeFile("index")
        try check(flock(index, LOCK_EX | LOCK_NB))
        let status = try makePipe()
        self.status = status.read
        defer { [plan, log, index, status.write].forEach { close($0) } }
        let sources = [Self.null, Self.null, 2, plan, log, index, status.write]
        let process = try kernel.spawn(
            ProcessSpawn(
                path: ShimProcess.binary, arguments: ["cmdctl-shim", Self.id],
                fileActions: zip(0..., sources).map { .init(target: $0, source: $1) },
                nursery: nursery))
        pid = process.pid
        handle = process.descriptor
    }

    deinit {
        close(status)
    }

    var log: String { String(decoding: directory.contents(of: "log"), as: UTF8.self) }

    /// How the command ended, as the last record has it.
    var verdict: ProcessEnd? {
        let record = directory.contents(of: "index").suffix(IndexRecord.size)
        guard case .end(let end)? = IndexRecord(decoding: Array(record)) else { return nil }
        return end.how
    }

    /// Whether nobody holds the index.
    var canBeLocked: Bool {
        let index = open("\(directory.path)/index", O_RDONLY | O_CLOEXEC)
        defer { close(index) }
        return flock(index, LOCK_EX | LOCK_NB) == 0
    }

    /// What was just forked has everything of the nursery's, until it has a processor for a moment.
    func awaitStart() {
        let report = readToEnd(status)
        #expect(throws: Never.self) { try StartReport(decoding: report) }
    }

    func end() throws -> WaitStatus? {
        try waitUntilReadable(handle.raw)
        return try kernel.reap(handle.raw)
    }

    func kill() throws {
        try kernel.signal(handle.raw, SIGKILL, value: nil)
        #expect(try end() == .signaled(number: SIGKILL))
    }
}

/// A shim that was born, and that nobody has let start.
private final class UnstartedShim {
    let pid: pid_t
    /// The line on which it waits.
    let start: Int32
    private let kernel: LinuxKernel
    private let nursery: OwnedDescriptor
    private let door: Int32
    private let directory: ScratchDirectory

    init(_ kernel: LinuxKernel) throws {
        self.kernel = kernel
        var ends: [Int32] = [-1, -1]
        try check(unsafe clinux_message_pair(&ends))
        door = ends[0]
        var program = ProcessSpawn(
            path: ShimProcess.binary, arguments: ShimNursery.arguments,
            fileActions: (0...2).map { .init(target: $0, source: NewbornShim.null) })
        program.fileActions.append(.init(target: ShimNursery.door, source: ends[1]))
        let process = try kernel.spawn(program)
        nursery = process.descriptor
        close(ends[1])
        directory = try ScratchDirectory()
        let report = try directory.makeFile("report")
        defer { close(report) }
        (pid, start) = Self.ask(door, report: report)
        try #require(pid > 0)
    }

    /// Without a plan a shim that starts says so.
    private static func ask(_ door: Int32, report: Int32) -> (pid: pid_t, start: Int32) {
        var words = ["cmdctl-shim", NewbornShim.id].map { (word: String) in strdup(word) }
        defer { words.forEach { free($0) } }
        words.append(nil)
        var start: Int32 = -1
        let sources = [NewbornShim.null, report, report]
        let targets: [Int32] = [0, 1, 2]
        let pid = unsafe sources.withUnsafeBufferPointer { sources in
            unsafe targets.withUnsafeBufferPointer { targets in
                unsafe words.withUnsafeBufferPointer { words in
                    var order = unsafe clinux_spawn(
                        path: nil, arguments: words.baseAddress, environment: nil,
                        sources: sources.baseAddress, targets: targets.baseAddress, count: 3,
                        cgroup: -1)
                    return unsafe clinux_ask_nursery(door, &order, 60_000, &start)
                }
            }
        }
        return (pid, start)
    }

    /// What it has said, had it started.
    var report: [UInt8] { Array(directory.contents(of: "report")) }

    func endNursery() throws {
        close(door)
        try waitUntilReadable(nursery.raw)
        _ = try kernel.reap(nursery.raw)
    }
}

private func children(of pid: pid_t) -> [pid_t] {
    names(in: "/proc/\(pid)/task").flatMap { task in
        let text = (try? readText("/proc/\(pid)/task/\(task)/children")) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }
}

private func words(of pid: pid_t) -> [String] {
    let text = (try? readText("/proc/\(pid)/cmdline")) ?? ""
    return text.split(separator: "\0").map(String.init)
}

/// What each descriptor of a process is.
private func descriptors(of pid: pid_t) -> [String: String] {
    let folder = "/proc/\(pid)/fd"
    let pairs = names(in: folder).map { name in
        (name, (try? readLink("\(folder)/\(name)")) ?? "")
    }
    return Dictionary(uniqueKeysWithValues: pairs)
}
