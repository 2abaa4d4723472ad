import GRDB

/// How far the jobs on record have been read, and what those share that were and those that will be.
///
/// They are read some at a time, because all of them at once could take a hundred times the memory
/// of what is kept of them.
struct RecordsReading: Sendable {
    private let owners: RecordedTenants
    private var orders = RecordedOrders()
    /// The last that was read; the empty text comes before all of them.
    private var last = ""

    init(_ database: Database) throws {
        owners = try RecordedTenants(database)
    }

    /// The next jobs, oldest first; none when all were read.
    mutating func next(_ count: Int, in database: Database) throws -> [JobRecord] {
        let statement = try database.cachedStatement(sql: RecordsSQL.selectJobs)
        let rows = try Row.fetchCursor(statement, arguments: [last, count])
        var jobs: [JobRecord] = []
        while let row = try rows.next() {
            var reader = ColumnReader(row)
            let owner = try owners.one(reader.next())
            jobs.append(try JobRecord(&reader, owner: owner, &orders))
        }
        last = jobs.last?.id.description ?? last
        return jobs
    }

    /// Every request on record, oldest first.
    func requests(in database: Database) throws -> [RecordedRequest] {
        try RecordedRequest.fetchAll(database, owners)
    }
}

/// The tenants on record by their numbers; they are few, and their jobs many.
struct RecordedTenants {
    private var tenants: [Int: Tenant] = [:]

    init(_ database: Database) throws {
        let rows = try Row.fetchCursor(database, sql: RecordsSQL.selectTenants)
        while let row = try rows.next() {
            var reader = ColumnReader(row)
            let number = try reader.next(Int.self)
            tenants[number] = try Tenant.read(&reader)
        }
    }

    /// The tenant of that number; nil for none.
    func one(_ number: Int?) throws -> Tenant? {
        guard let number else { return nil }
        guard let tenant = tenants[number] else { throw ColumnReader.Nonsense() }
        return tenant
    }
}
