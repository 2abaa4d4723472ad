import Reactor

/// Where the database of records lies, and how to go on writing to it whatever happens to it there.
///
/// All of this is for the storage worker. It holds nothing open itself: what is open is handed in,
/// and comes back with the results.
struct RecordsFile: Sendable {
    /// The path of the database; SQLite keeps its log beside it.
    let path: String
    let kernel: any Kernel
    let limits: JobLimits

    /// A database that is open, and which file that was.
    struct Open: Sendable {
        let database: RecordsDatabase
        fileprivate let identity: Identity
    }

    /// What became of changes, and what is open now.
    struct Outcome: Sendable {
        var open: Open?
        var results: [Result<Void, RecordsError>]
        /// Whether the file was gone or another one, and has been written anew.
        var wasRestored = false
    }

    /// The files that belong together; a missing log has not been needed yet.
    fileprivate struct Identity: Hashable, Sendable {
        let database: FileID
        let log: FileID?
    }

    fileprivate struct FileID: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    private var logPath: String { "\(path)-wal" }

    // MARK: Opening

    /// Opens the database, or makes it.
    func open() throws(RecordsError) -> Open {
        do {
            try makeIfMissing(path)
            let database = try RecordsDatabase(path: path)
            guard let identity else { throw Errno.noEntry }
            return Open(database: database, identity: identity)
        } catch {
            throw RecordsError(error, path: path)
        }
    }

    /// SQLite would make a file that others may read, and gives its log the mode of the file.
    ///
    /// Never while it has the file open: closing any descriptor of a file ends the process's locks
    /// on it. fcntl(2), "record locks".
    private func makeIfMissing(_ path: String) throws(Errno) {
        do {
            let file = try kernel.openFile(path, flags: [.readWrite, .create, .exclusive])
            _ = consume file
        } catch .exists {
            return
        }
    }

    private var identity: Identity? {
        guard let database = fileID(path) else { return nil }
        return Identity(database: database, log: fileID(logPath))
    }

    private func fileID(_ path: String) -> FileID? {
        guard let status = try? kernel.status(at: path) else { return nil }
        return FileID(device: status.device, inode: status.inode)
    }

    // MARK: Reading

    /// What is open, and what of its records has been read.
    struct Reading: Sendable {
        let open: Open
        let requests: [RecordedRequest]
        fileprivate var jobs: RecordsReading
    }

    /// Opens the database and begins to read it.
    func beginReading() throws(RecordsError) -> Reading {
        let open = try open()
        return try closing(open.database) {
            let (jobs, requests) = try open.database.beginReading(limits)
            return Reading(open: open, requests: requests, jobs: jobs)
        }
    }

    /// Goes on: the next jobs, oldest first; none when all were read.
    func read(_ reading: inout Reading) throws(RecordsError) -> [JobRecord] {
        let database = reading.open.database
        return try closing(database) {
            try database.read(&reading.jobs, count: limits.recordsPerBatch)
        }
    }

    /// A database that cannot be read is not kept open.
    private func closing<Value>(
        _ database: RecordsDatabase, _ read: () throws -> Value
    ) throws(RecordsError) -> Value {
        do {
            return try read()
        } catch {
            database.close()
            throw RecordsError(error, path: path)
        }
    }

    // MARK: Writing

    /// Puts changes on record, in their order, and then forgets old requests if it is time to.
    func commit(
        _ changes: [RecordChange], forgettingRequests: Bool, to open: Open?
    ) -> Outcome {
        var outcome = Outcome(open: open, results: [])
        do throws(RecordsError) {
            try makeUsable(&outcome)
        } catch {
            outcome.results = changes.map { _ in .failure(error) }
            return outcome
        }
        guard let usable = outcome.open else { preconditionFailure("usable, and not open") }
        outcome.results = write(changes, to: usable.database)
        if outcome.results.contains(where: \.isOfBrokenStorage) {
            usable.database.close()
            outcome.open = nil
        } else if forgettingRequests {
            // The next time will do if this one fails.
            try? usable.database.forgetRequests(limits)
        }
        return outcome
    }

    /// Who writes to a file that has no name any more writes for nobody: SQLite would not notice.
    private func makeUsable(_ outcome: inout Outcome) throws(RecordsError) {
        guard let open = outcome.open else { return outcome.open = try self.open() }
        guard identity != open.identity else { return }
        // Whatever fails now, this file is done with once it is closed.
        do {
            try restore(from: open, closed: { outcome.open = nil })
        } catch {
            throw RecordsError(error, path: path)
        }
        outcome.open = try self.open()
        outcome.wasRestored = true
    }

    /// Puts a copy of all that is on record where its file was; what is there now is set aside.
    private func restore(from open: Open, closed: () -> Void) throws {
        let copy = "\(path).new"
        try? kernel.removeFile(copy)
        try makeIfMissing(copy)
        try open.database.copy(to: copy)
        // SQLite removes the log by its name as it closes: not the log of another database, please.
        open.database.close()
        closed()
        if let found = fileID(path), found != open.identity.database {
            try kernel.rename(path, to: "\(path).replaced")
        }
        // The log of another database would be played back into this one.
        try? kernel.removeFile(logPath)
        try kernel.rename(copy, to: path)
    }

    private func write(
        _ changes: [RecordChange], to database: RecordsDatabase
    ) -> [Result<Void, RecordsError>] {
        let results = attempt(changes, database)
        guard results.contains(where: \.isOfFullStorage) else { return results }
        // The log can be written from its beginning once its pages are where they belong, and what
        // is too large for the rest of the space should not take the others with it.
        try? database.checkpoint()
        return changes.flatMap { attempt([$0], database) }
    }

    private func attempt(
        _ changes: [RecordChange], _ database: RecordsDatabase
    ) -> [Result<Void, RecordsError>] {
        do {
            return try database.commit(changes)
        } catch {
            let error = RecordsError(error, path: path)
            return changes.map { _ in .failure(error) }
        }
    }
}

extension Result<Void, RecordsError> {
    fileprivate var isOfFullStorage: Bool {
        if case .failure(.full) = self { true } else { false }
    }

    /// The database may be better when it is opened again.
    fileprivate var isOfBrokenStorage: Bool {
        switch self {
        case .success, .failure(.full): false
        case .failure(.unavailable), .failure(.unreadable): true
        }
    }
}
