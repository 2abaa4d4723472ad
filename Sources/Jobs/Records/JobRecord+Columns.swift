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
            "specification", "limits", "ungranted", "is_being_deleted", "timeout", "log_max",
            "log_full", "network_address", "is_by_admin", "queueing",
        ] + StopIntent.columns + JobEnd.columns

    var columnValues: ColumnValues {
        let own: ColumnValues = [
            id.description, requestID.map { ColumnText.encoded(Array($0.utf8)) },
            createdAt.nanoseconds, controlGroup.map { ColumnText.encoded(Array($0.utf8)) },
            bootID, subIDBase, specification?.json, limits.json,
            ungranted.isEmpty
                ? nil : ColumnText.encoded(Array(ungranted.joined(separator: "\n").utf8)),
            isBeingDeleted, timeout?.wholeNanoseconds,
            (logLimit?.maxBytes).map { Int64(clamping: $0) }, logLimit?.whenFull?.rawValue,
            networkAddress?.number, isByAdmin, queueing?.rawValue,
        ]
        return own + StopIntent.columnValues(stop) + JobEnd.columnValues(end)
    }

    /// Reads the columns; a specification that cannot be read is lost, and the rest is not.
    init(_ reader: inout ColumnReader, owner: Tenant?) throws {
        let id = try reader.required(JobID.init(_:))
        let requestID = try reader.text()
        let createdAt = Timestamp(nanoseconds: try reader.next())
        let controlGroup = try reader.text()
        let bootID = try reader.next(String?.self)
        let subIDBase = try reader.next(UInt32?.self)
        let specification = try reader.next(String?.self).flatMap(JobSpecification.init(json:))
        let limits = try reader.next(String?.self).flatMap(ResourceLimits.init(json:))
        let ungranted = try reader.text()?.split(separator: "\n").map(String.init)
        self.init(
            id: id, owner: owner, specification: specification, requestID: requestID,
            createdAt: createdAt, controlGroup: controlGroup, bootID: bootID,
            subIDBase: subIDBase, limits: limits ?? ResourceLimits(), ungranted: ungranted ?? [])
        isBeingDeleted = try reader.next()
        timeout = try reader.duration()
        let logMax = try reader.count()
        let whenFull = try reader.next(LogLimit.FullAction.init(rawValue:))
        logLimit = logMax.map { LogLimit(maxBytes: $0, whenFull: whenFull) }
        networkAddress = try reader.next(UInt32?.self).map(IPv4Address.init(number:))
        isByAdmin = try reader.next()
        queueing = try reader.next(Queueing.init(rawValue:))
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
