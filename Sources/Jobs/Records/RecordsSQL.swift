import GRDB
import Reactor

/// The statements of the records; each is compiled once for each time the file is opened.
enum RecordsSQL {
    static let insertTenant = "INSERT OR IGNORE INTO tenants (name, authority) VALUES (?, ?)"

    /// A recovered job may be put on record twice, by two lives of the daemon.
    static let insertJob = """
        INSERT OR REPLACE INTO jobs (\(list(JobRecord.columns)), owner)
        VALUES (\(placeholders(JobRecord.columns)), \(tenantNumber))
        """
    static let insertRequest = """
        INSERT OR REPLACE INTO requests (job, request_id, owner) VALUES (?, ?, \(tenantNumber))
        """
    static let updateStop = "UPDATE jobs SET \(assignments(StopIntent.columns)) WHERE id = ?"
    static let updateLimits = "UPDATE jobs SET limits = ? WHERE id = ?"
    static let updateEnd = "UPDATE jobs SET \(assignments(JobEnd.columns)) WHERE id = ?"
    static let endQueueing = """
        UPDATE jobs SET queueing = '\(Queueing.over.rawValue)', control_group = ? WHERE id = ?
        """
    static let beginDeletion = "UPDATE jobs SET is_being_deleted = 1 WHERE id = ?"
    static let deleteJob = "DELETE FROM jobs WHERE id = ?"
    /// All but so many of each tenant, the oldest.
    static let forgetRequestsOfTenants = """
        DELETE FROM requests WHERE job IN (
            SELECT job FROM (
                SELECT job, row_number() OVER (PARTITION BY owner ORDER BY job DESC) AS place
                FROM requests)
            WHERE place > ?)
        """
    /// All but so many, the oldest.
    static let forgetRequests = """
        DELETE FROM requests WHERE job <= (
            SELECT job FROM requests ORDER BY job DESC LIMIT 1 OFFSET ?)
        """
    static let countRequests = "SELECT count(*) FROM requests"

    static let selectTenants = "SELECT number, \(list(Tenant.columns)) FROM tenants"
    /// So many, those after a certain one.
    static let selectJobs =
        "SELECT owner, \(list(JobRecord.columns)) FROM jobs WHERE id > ? ORDER BY id LIMIT ?"
    static let selectRequests = "SELECT owner, request_id, job FROM requests ORDER BY job"

    private static let tenantNumber =
        "(SELECT number FROM tenants WHERE name = ? AND authority = ?)"

    private static func list(_ columns: [String]) -> String {
        columns.joined(separator: ", ")
    }

    private static func placeholders(_ columns: [String]) -> String {
        list(columns.map { _ in "?" })
    }

    private static func assignments(_ columns: [String]) -> String {
        list(columns.map { "\($0) = ?" })
    }
}

extension RecordChange {
    /// Carries the change out, within a transaction; one about a job that is not on record changes
    /// nothing.
    func write(to database: Database) throws {
        func execute(_ sql: String, _ values: ColumnValues) throws {
            try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
        }
        switch self {
        case .accepted(let record):
            let owner = record.owner?.columnValues ?? [nil, nil]
            if record.owner != nil { try execute(RecordsSQL.insertTenant, owner) }
            try execute(RecordsSQL.insertJob, record.columnValues + owner)
            guard let request = record.requestColumnValues else { return }
            try execute(RecordsSQL.insertRequest, request + owner)
        case .queueingOver(let id, let group):
            let path = group.map { ColumnText.encoded(Array($0.utf8)) }
            try execute(RecordsSQL.endQueueing, [path, id.description])
        case .stopRequested(let id, let intent):
            try execute(RecordsSQL.updateStop, StopIntent.columnValues(intent) + [id.description])
        case .limitsChanged(let id, let limits):
            try execute(RecordsSQL.updateLimits, [limits.json, id.description])
        case .ended(let id, let end):
            try execute(RecordsSQL.updateEnd, JobEnd.columnValues(end) + [id.description])
        case .deletionBegan(let id):
            try execute(RecordsSQL.beginDeletion, [id.description])
        case .deleted(let id):
            try execute(RecordsSQL.deleteJob, [id.description])
        }
    }
}

extension JobRecord {
    /// What outlives the job; nil when it was made for no request that somebody could repeat.
    fileprivate var requestColumnValues: ColumnValues? {
        guard owner != nil, let requestID else { return nil }
        return [id.description, ColumnText.encoded(Array(requestID.utf8))]
    }
}

extension RecordedRequest {
    /// Every request on record, oldest first.
    static func fetchAll(
        _ database: Database, _ owners: RecordedTenants
    ) throws -> [RecordedRequest] {
        let rows = try Row.fetchCursor(database, sql: RecordsSQL.selectRequests)
        var requests: [RecordedRequest] = []
        while let row = try rows.next() {
            var reader = ColumnReader(row)
            let owner = try owners.one(reader.next())
            let requestID = try reader.text()
            let jobID = try reader.required(JobID.init(_:))
            guard let owner, let requestID else { throw ColumnReader.Nonsense() }
            requests.append(RecordedRequest(owner: owner, requestID: requestID, jobID: jobID))
        }
        return requests
    }
}
