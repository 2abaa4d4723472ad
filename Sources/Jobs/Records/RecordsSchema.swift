import GRDB

/// The tables of the records, and how a file comes to have them; docs/FORMATS.md describes them.
enum RecordsSchema {
    /// Which program a database belongs to: `CMDJ`; that of another one is not touched.
    static let applicationID = 0x434D_444A

    /// Every version of the tables, each made from the one before.
    ///
    /// Never change one that was released; add another.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: tables)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    /// Identifiers grow with time, so the order of the keys is the order of the making.
    private static let tables = """
        CREATE TABLE tenants (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            authority TEXT NOT NULL,
            UNIQUE (name, authority)
        ) STRICT;
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY NOT NULL,
            owner INTEGER REFERENCES tenants,
            request_id TEXT,
            created_at INTEGER NOT NULL,
            control_group TEXT,
            boot_id TEXT,
            network_address INTEGER,
            sub_id_base INTEGER,
            specification TEXT,
            limits TEXT,
            ungranted TEXT,
            is_being_deleted INTEGER NOT NULL,
            timeout INTEGER,
            log_max INTEGER,
            log_full TEXT,
            is_by_admin INTEGER NOT NULL,
            queueing TEXT,
            stop_signal INTEGER,
            stop_grace INTEGER,
            stop_requested_at INTEGER,
            stop_cause TEXT,
            outcome TEXT,
            exit_kind TEXT,
            exit_number INTEGER,
            started_at INTEGER,
            ended_at INTEGER,
            failure_stage TEXT,
            failure_errno INTEGER,
            failure_cause TEXT,
            failure_sentence TEXT,
            user_cpu_time INTEGER,
            system_cpu_time INTEGER,
            max_resident_bytes INTEGER,
            memory_peak_bytes INTEGER,
            output_size INTEGER,
            dropped_bytes INTEGER,
            reached_log_limit INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE requests (
            job TEXT PRIMARY KEY NOT NULL,
            owner INTEGER NOT NULL REFERENCES tenants,
            request_id TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Makes sure that a database is ours and has today's tables.
    static func prepare(_ queue: DatabaseQueue) throws {
        let isComplete = try queue.read { database in
            try check(database)
            return try migrator.hasCompletedMigrations(database)
        }
        // Even a migration with nothing to do writes, and the disk may be full.
        if !isComplete { try migrator.migrate(queue) }
    }

    private static func check(_ database: Database) throws {
        let owner = try Int.fetchOne(database, sql: "PRAGMA application_id")
        let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard owner == applicationID || (owner == 0 && isEmpty) else { throw Mismatch.foreign }
        guard try !migrator.hasBeenSuperseded(database) else { throw Mismatch.newer }
    }

    /// Why a sound database is not one of ours.
    enum Mismatch: Error {
        case foreign
        case newer
    }
}
