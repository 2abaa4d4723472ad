import GRDB
import Netlink
import Reactor

/// Values for the columns of a row, in the order of the columns' names.
typealias ColumnValues = [(any DatabaseValueConvertible)?]

extension JobRecord {
    /// The columns of a job, without those of its owner.
    static let columns =
        [
            "id", "request_id", "created_at", "control_group", "boot_id", "sub_id_base",
            "is_being_deleted", "network_address", "is_by_admin", "queueing",
        ] + JobOrder.columns + StopIntent.columns + JobEnd.columns

    var columnValues: ColumnValues {
        let own: ColumnValues = [
            id.description, requestID.map { ColumnText.encoded(Array($0.utf8)) },
            createdAt.nanoseconds, controlGroup.map { ColumnText.encoded(Array($0.utf8)) },
            bootID, subIDBase, isBeingDeleted, networkAddress?.number, isByAdmin,
            queueing?.rawValue,
        ]
        return own + order.columnValues + StopIntent.columnValues(stop)
            + JobEnd.columnValues(end)
    }

    /// Reads the columns.
    init(_ reader: inout ColumnReader, owner: Tenant?, _ orders: inout RecordedOrders) throws {
        let id = try reader.required(JobID.init(_:))
        let requestID = try reader.text()
        let createdAt = Timestamp(nanoseconds: try reader.next())
        let controlGroup = try reader.text()
        let bootID = try reader.next(String?.self)
        let subIDBase = try reader.next(UInt32?.self)
        let isBeingDeleted: Bool = try reader.next()
        let networkAddress = try reader.next(UInt32?.self).map(IPv4Address.init(number:))
        let isByAdmin: Bool = try reader.next()
        let queueing = try reader.next(Queueing.init(rawValue:))
        self.init(
            id: id, owner: owner, order: try orders.next(&reader), requestID: requestID,
            createdAt: createdAt, controlGroup: controlGroup, bootID: bootID,
            subIDBase: subIDBase)
        self.isBeingDeleted = isBeingDeleted
        self.networkAddress = networkAddress
        self.isByAdmin = isByAdmin
        self.queueing = queueing
        stop = try StopIntent.read(&reader)
        end = try JobEnd.read(&reader)
    }
}

extension StopIntent {
    static let columns = ["stop_signal", "stop_grace", "stop_requested_at", "stop_cause"]

    static func columnValues(_ intent: StopIntent?) -> ColumnValues {
        [
            intent?.signal, intent?.grace.wholeNanoseconds, intent?.requestedAt.nanoseconds,
            intent?.cause.rawValue,
        ]
    }

    static func read(_ reader: inout ColumnReader) throws -> StopIntent? {
        let signal = try reader.next(Int32?.self)
        let grace = try reader.duration()
        let requestedAt = try reader.timestamp()
        let cause = try reader.next(Cause.init(rawValue:))
        guard let signal, let grace, let requestedAt, let cause else { return nil }
        return StopIntent(signal: signal, grace: grace, requestedAt: requestedAt, cause: cause)
    }
}

extension Tenant {
    static let columns = ["name", "authority"]

    var columnValues: ColumnValues {
        [ColumnText.encoded(nameBytes), ColumnText.hexadecimal(issuerKeyHash)]
    }

    static func read(_ reader: inout ColumnReader) throws -> Tenant? {
        let name = try reader.bytes()
        let authority = try reader.next(ColumnText.bytes(ofHexadecimal:))
        guard let name, let authority else { return nil }
        return Tenant(nameBytes: name, issuerKeyHash: authority)
    }
}
