import GRDB
import Glibc
import Reactor
import Simulator
import TestSupport
import Testing

@testable import Jobs

/// The database as a file: whose it is, what may become of it, and what is said about it.
@Suite(.timeLimit(.minutes(10))) struct SQLiteRecordsTests {
    private let bench: RecordsBench
    private let path: String

    init() throws {
        bench = try RecordsBench(.sqlite)
        path = bench.machine.path("jobs.sqlite")
    }

    private var kernel: any Kernel { bench.machine.kernel }

    /// Changes the file between two lives, or before the first.
    private func edit(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func overwrite(at offset: UInt64, count: Int) throws {
        let file = try kernel.openFile(path, flags: .readWrite)
        let garbage = Buffer([UInt8](repeating: 0xA5, count: count))
        let raw = file.raw
        _ = try garbage.withReadableBytes { bytes throws(Errno) in
            try kernel.writeFileNow(raw, at: offset, bytes)
        }
    }

    private func commit(_ numbers: ClosedRange<UInt64>) throws -> [RecordsError] {
        try bench.commit(numbers.map { .accepted(Specimen.record($0, requestID: "r\($0)")) })
            .failures
    }

    private func idsOfNextLife() throws -> [JobID] {
        try bench.beginLife()
        return try bench.loaded().jobs.map(\.id)
    }

    // MARK: The file

    @Test func `the files are for their owner only`() throws {
        _ = try bench.loaded()
        #expect(try commit(1...1).isEmpty)
        let names = try kernel.list(bench.machine.directory)
        #expect(Set(names) == ["jobs.sqlite", "jobs.sqlite-wal"])
        for name in names {
            #expect(try kernel.status(at: bench.machine.path(name)).mode == 0o600, "\(name)")
        }
    }

    @Test func `the file says whose it is and which version`() throws {
        _ = try bench.loaded()
        let id = try readOut("PRAGMA application_id")
        #expect(id == 0x434D_444A)
        #expect(try readOut("PRAGMA user_version") == 1)
    }

    private func readOut(_ sql: String) throws -> Int? {
        try bench.endLife()
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { try Int.fetchOne($0, sql: sql) }
    }

    // MARK: What cannot be read

    @Test func `the database of another program is not touched`() throws {
        try edit("PRAGMA application_id = 7; CREATE TABLE theirs (a)")
        let before = try kernel.contents(of: path, sizeMax: 1 << 20)
        try expectUnreadable("another program")
        #expect(try kernel.contents(of: path, sizeMax: 1 << 20).count == before.count)
    }

    @Test func `an unnamed database with tables is not ours either`() throws {
        try edit("CREATE TABLE theirs (a)")
        try expectUnreadable("another program")
    }

    @Test func `a newer version's tables are not guessed at`() throws {
        _ = try bench.loaded()
        try bench.endLife()
        try edit("INSERT INTO grdb_migrations VALUES ('2')")
        try bench.beginLife()
        try expectUnreadable("newer version")
    }

    @Test func `a file that is no database is left alone`() throws {
        try bench.machine.append(
            String(repeating: "not a database\n", count: 500), to: "jobs.sqlite")
        try expectUnreadable("not a database")
    }

    @Test func `a damaged file is found out`() throws {
        _ = try bench.loaded()
        #expect(try commit(1...1000).isEmpty)
        try bench.endLife()
        let size = try kernel.status(at: path).size
        // All but the first pages, which have the schema.
        try overwrite(at: 16 * 4096, count: Int(size) - 16 * 4096)
        try bench.beginLife()
        try expectUnreadable("malformed")
    }

    @Test func `a file that was cut is found out`() throws {
        _ = try bench.loaded()
        #expect(try commit(1...1000).isEmpty)
        try bench.endLife()
        #expect(truncate(path, 20 * 4096) == 0)
        try bench.beginLife()
        try expectUnreadable("malformed")
    }

    @Test func `a value that makes no sense is found out`() throws {
        _ = try bench.loaded()
        #expect(try commit(1...1).isEmpty)
        try bench.endLife()
        try edit("UPDATE jobs SET id = 'x'")
        try bench.beginLife()
        try expectUnreadable("makes no sense")
    }

    private func expectUnreadable(_ word: String) throws {
        guard case .failure(.unreadable(let problem)) = try bench.load() else {
            Issue.record("it was read")
            return
        }
        #expect(problem.contains(word) && problem.contains(path), "\(problem)")
    }

    // MARK: Changes that fail

    @Test func `a change that fails, fails alone`() throws {
        _ = try bench.loaded()
        try bench.endLife()
        try edit(refusal(of: 3, "RAISE(ABORT, 'not this one')"))
        try bench.beginLife()
        let results = try bench.commit((1...5).map { .accepted(Specimen.record($0)) })
        #expect(results.map(\.isFailure) == [false, false, true, false, false])
        #expect(results.failures.first?.isUnavailable(because: "not this one") == true)
        #expect(try idsOfNextLife() == [1, 2, 4, 5].map(Specimen.id))
    }

    @Test func `a transaction that fails leaves nothing of it, and the next one goes well`() throws
    {
        _ = try bench.loaded()
        try bench.endLife()
        try edit(refusal(of: 3, "RAISE(ROLLBACK, 'none of these')"))
        try bench.beginLife()
        let results = try bench.commit((1...5).map { .accepted(Specimen.record($0)) })
        // The first had begun before the others came.
        #expect(results.map(\.isFailure) == [false, true, true, true, true])
        #expect(try commit(6...9).isEmpty)
        #expect(try idsOfNextLife() == [1, 6, 7, 8, 9].map(Specimen.id))
    }

    private func refusal(of number: UInt64, _ how: String) -> String {
        """
        CREATE TRIGGER refusal BEFORE INSERT ON jobs WHEN new.id = '\(Specimen.id(number))'
        BEGIN SELECT \(how); END
        """
    }

    // MARK: Files that come and go

    @Test(arguments: [["jobs.sqlite"], ["jobs.sqlite-wal"], ["jobs.sqlite", "jobs.sqlite-wal"]])
    func `a file that is removed is written anew, with all that was in it`(names: [String]) throws {
        _ = try bench.loaded()
        #expect(try commit(1...100).isEmpty)
        for name in names { try kernel.removeFile(bench.machine.path(name)) }
        #expect(try commit(101...101).isEmpty)
        #expect(try kernel.status(at: path).mode == 0o600)
        #expect(try idsOfNextLife() == (1...101).map(Specimen.id))
        #expect(
            Set(try kernel.list(bench.machine.directory)) == ["jobs.sqlite", "jobs.sqlite-wal"])
    }

    @Test func `a file that takes its place is set aside`() throws {
        _ = try bench.loaded()
        #expect(try commit(1...3).isEmpty)
        try bench.machine.append("something else", to: "other")
        try kernel.rename(bench.machine.path("other"), to: path)
        #expect(try commit(4...4).isEmpty)
        #expect(try idsOfNextLife() == (1...4).map(Specimen.id))
        let aside = try kernel.contents(of: "\(path).replaced", sizeMax: 100)
        #expect(String(decoding: aside, as: UTF8.self) == "something else")
    }

    @Test func `a directory that is gone costs changes until it is back`() throws {
        _ = try bench.loaded()
        #expect(try commit(1...1).isEmpty)
        let directory = bench.machine.directory
        try kernel.rename(directory, to: "\(directory)-gone")
        let failures = try commit(2...2)
        #expect(failures.first?.isUnavailable(because: "No such file") == true, "\(failures)")
        try kernel.rename("\(directory)-gone", to: directory)
        #expect(try commit(3...3).isEmpty)
        #expect(try idsOfNextLife() == [1, 3].map(Specimen.id))
    }

    @Test func `a file that cannot be opened says why`() throws {
        try kernel.makeDirectory(path, mode: 0o700)
        guard case .failure(.unavailable(let problem)) = try bench.load() else {
            Issue.record("a directory was opened as a database")
            return
        }
        #expect(problem.contains(path), "\(problem)")
    }
}

extension Result<Void, RecordsError> {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}

extension RecordsError {
    fileprivate func isUnavailable(because word: String) -> Bool {
        if case .unavailable(let problem) = self { problem.contains(word) } else { false }
    }
}
