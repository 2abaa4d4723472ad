import GRDB
import Reactor

/// The open database of records: for the storage worker only, since every call may wait for the
/// disk.
struct RecordsDatabase: Sendable {
    private let path: String
    private let queue: DatabaseQueue

    /// Opens a database that is there, or fills an empty file.
    init(path: String) throws {
        self.path = path
        var configuration = Configuration()
        configuration.label = "records"
        // Somebody may be looking into the file with sqlite3 while we start.
        configuration.busyMode = .timeout(RecordsDatabase.patience)
        configuration.prepareDatabase(RecordsDatabase.configure)
        queue = try DatabaseQueue(path: path, configuration: configuration)
        do {
            try RecordsSchema.prepare(queue)
        } catch {
            try? queue.close()
            throw error
        }
    }

    /// How many seconds another user of the file is waited for.
    private static let patience = 5.0

    /// So many pages of 4 KiB in the write-ahead log make it worth moving them to the database.
    ///
    /// Only what was moved there makes the log writable again on a full disk, so on a small disk it
    /// must not be the log that fills it: it stays at about 256 KiB.
    private static let checkpointPages = 64

    /// What makes a commit durable, and ours alone. https://sqlite.org/pragma.html
    private static func configure(_ database: Database) throws {
        // Before the first access to the log: then there is no shared memory beside it, a mapped
        // file in which a full disk would be a SIGBUS. It also keeps a forgotten shell from locking
        // the daemon out.
        try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw DatabaseError(resultCode: .SQLITE_CANTOPEN, message: "no write-ahead log")
        }
        // Each commit waits for the disk; NORMAL could lose the last ones with the power.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
        // A damaged page is found out when it is read, not when it has misled somebody.
        try database.execute(sql: "PRAGMA cell_size_check = ON")
    }

    // MARK: Changes

    /// Puts changes on record in one transaction, in their order; answers what became of each.
    ///
    /// - Throws: When it became nothing of any of them.
    func commit(_ changes: [RecordChange]) throws -> [Result<Void, RecordsError>] {
        try queue.writeWithoutTransaction { database in
            var results: [Result<Void, RecordsError>] = []
            try database.inTransaction(.immediate) {
                results = try changes.map { try attempt($0, database) }
                return .commit
            }
            return results
        }
    }

    private func attempt(
        _ change: RecordChange, _ database: Database
    ) throws -> Result<Void, RecordsError> {
        do {
            try database.inSavepoint {
                try change.write(to: database)
                return .commit
            }
            return .success(())
        } catch {
            // Some errors, a full disk among them, end the whole transaction.
            guard database.isInsideTransaction else { throw error }
            return .failure(RecordsError(error, path: path))
        }
    }

    /// Moves what the log has to where it belongs, and lets the log be written from its beginning.
    func checkpoint() throws {
        try queue.writeWithoutTransaction { database in _ = try database.checkpoint(.passive) }
    }

    /// Forgets requests as the ledger does, which remembers them for the time being.
    func forgetRequests(_ limits: JobLimits) throws {
        try queue.write { database in
            let count = try Int.fetchOne(database, sql: RecordsSQL.countRequests) ?? 0
            // None can have more than there are in all.
            guard count > limits.rememberedRequestsPerTenant else { return }
            let bounds = [
                (RecordsSQL.forgetRequestsOfTenants, limits.rememberedRequestsPerTenant),
                (RecordsSQL.forgetRequests, limits.rememberedRequests),
            ]
            for (sql, countMax) in bounds {
                try database.cachedStatement(sql: sql).execute(arguments: [countMax])
            }
        }
    }

    // MARK: All of it

    /// Begins to read what is on record: first the requests, without those that nobody would
    /// remember.
    func beginReading(
        _ limits: JobLimits
    ) throws -> (reading: RecordsReading, requests: [RecordedRequest]) {
        // There may be no space to remove them; the next time will do.
        let areForgotten = (try? forgetRequests(limits)) != nil
        return try queue.read { database in
            let reading = try RecordsReading(database)
            let requests = try reading.requests(in: database)
            return (reading, areForgotten ? requests : requests.pruned(limits))
        }
    }

    /// Goes on: reads the next jobs.
    func read(_ reading: inout RecordsReading, count: Int) throws -> [JobRecord] {
        try queue.read { database in try reading.next(count, in: database) }
    }

    /// Writes all of it to another file, which must be empty.
    func copy(to path: String) throws {
        let target = try DatabaseQueue(path: path)
        try queue.backup(to: target)
        try target.close()
    }

    /// Closes the file; it must not be used any more.
    func close() {
        // What could fail is moving the log's pages, and the next to open the file does that too.
        try? queue.close()
    }
}
