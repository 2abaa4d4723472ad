import Glibc
import Logging
import Reactor
import Simulator
import TestSupport
import Testing

@testable import Jobs

/// That nothing acknowledged is lost when the process is killed at any moment.
///
/// Another process puts jobs on record as fast as it can and notes in a file which it was told are
/// there, until it kills itself in the middle of that, with its worker at work.
@Suite(.timeLimit(.minutes(10))) struct RecordsCrashTests {
    @Test func `what was acknowledged before a kill is there after it`() throws {
        let machine = try Machine(.epoll)
        var highest: UInt64 = 0
        for round in 1...8 {
            let process = try SeparateProcess(
                "crash", in: Self.self, about: "\(machine.directory) \(highest) \(round)"
            ) { argument in
                try Writer(argument).run()
            }
            guard getenv("CMDCTL_TEST_ERRAND") == nil else { return }
            #expect(process.status == .signaled(number: SIGKILL), "\(process.diagnostics)")
            let numbers = try numbersOnRecord(machine)
            #expect(numbers == Array(1...UInt64(numbers.count)), "with holes")
            let acknowledged = try kernelText(machine, "acknowledged").split(separator: "\n")
                .compactMap { UInt64($0) }
            #expect(acknowledged == Array(1...UInt64(acknowledged.count)))
            // What was on its way may be there, too, but nothing else.
            #expect(numbers.count >= acknowledged.count)
            #expect(numbers.count <= acknowledged.count + Writer.underWay * round)
            #expect(numbers.count > Int(highest), "round \(round) wrote nothing")
            try rewriteAcknowledged(machine, upTo: UInt64(numbers.count))
            highest = UInt64(numbers.count)
        }
    }

    private func numbersOnRecord(_ machine: Machine) throws -> [UInt64] {
        let records = SQLiteRecords(
            path: machine.path("jobs.sqlite"), reactor: machine.reactor, logger: .silent)
        return try records.loadAll(on: machine).get().jobs.map { UInt64($0.createdAt.nanoseconds) }
    }

    private func kernelText(_ machine: Machine, _ name: String) throws -> String {
        let bytes = try machine.kernel.contents(of: machine.path(name), sizeMax: 1 << 24)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func rewriteAcknowledged(_ machine: Machine, upTo highest: UInt64) throws {
        try machine.kernel.removeFile(machine.path("acknowledged"))
        let lines = (1...highest).map { "\($0)\n" }.joined()
        try machine.append(lines, to: "acknowledged")
    }
}

/// The process that is killed.
private final class Writer {
    /// So many changes are on their way at any time.
    static let underWay = 20

    private let reactor: Reactor
    private let records: SQLiteRecords
    private let acknowledged: OwnedDescriptor
    private var next: UInt64
    private let round: UInt64
    private var acknowledgedCount = 0

    init(_ argument: String) throws {
        let parts = argument.split(separator: " ").map(String.init)
        reactor = try Reactor(choosing: .epoll)
        records = SQLiteRecords(
            path: "\(parts[0])/jobs.sqlite", reactor: reactor, logger: .silent)
        acknowledged = try reactor.kernel.openFile(
            "\(parts[0])/acknowledged", flags: [.writeOnly, .create, .append])
        next = UInt64(parts[1]) ?? 0
        round = UInt64(parts[2]) ?? 0
    }

    func run() throws {
        records.load { _ in
        } then: { [self] result in
            precondition((try? result.get()) != nil, "\(result)")
            for _ in 0..<Writer.underWay { commitNext() }
        }
        try reactor.run()
    }

    private func commitNext() {
        next += 1
        let number = next
        let record = JobRecord(
            id: Specimen.id(number), owner: Workbench.alice.tenant,
            order: JobOrder(JobSpecification(command: .shell("true"))),
            requestID: "r\(number)", createdAt: Timestamp(nanoseconds: Int64(number)))
        records.commit(.accepted(record)) { [self] result in
            precondition((try? result.get()) != nil, "\(result)")
            note(number)
            commitNext()
            acknowledgedCount += 1
            if acknowledgedCount == 2 * Writer.underWay { killSoon() }
        }
    }

    /// While the worker is at work, each round at another point of it.
    private func killSoon() {
        reactor.schedule(after: .microseconds(150 * round)) { kill(getpid(), SIGKILL) }
    }

    /// In the page cache, which outlives the process.
    private func note(_ number: UInt64) {
        let line = Array("\(number)\n".utf8)
        precondition(write(acknowledged.raw, line, line.count) == line.count)
    }
}

extension Logger {
    /// Says nothing.
    static var silent: Logger { Logger(label: "records") { _ in SwiftLogNoOpLogHandler() } }
}
