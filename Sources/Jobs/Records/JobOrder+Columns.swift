import GRDB
import Reactor

extension JobOrder {
    static let columns = ["specification", "limits", "ungranted", "timeout", "log_max", "log_full"]

    var columnValues: ColumnValues {
        [
            specification?.json, limits.json,
            ungranted.isEmpty
                ? nil : ColumnText.encoded(Array(ungranted.joined(separator: "\n").utf8)),
            timeout?.wholeNanoseconds, (logLimit?.maxBytes).map { Int64(clamping: $0) },
            logLimit?.whenFull?.rawValue,
        ]
    }
}

/// Reads orders, and has those that stand there alike share one.
///
/// What was read is compared before it is understood: that spares most of the work, too.
struct RecordedOrders {
    /// The columns as they stand there.
    private struct Text: Hashable {
        let specification: ExactText?
        let limits: ExactText?
        let ungranted: ExactText?
        let timeout: Int64?
        let logMax: Int64?
        let whenFull: LogLimit.FullAction?

        init(_ reader: inout ColumnReader) throws {
            specification = try reader.next(ExactText.init)
            limits = try reader.next(ExactText.init)
            ungranted = try reader.next(ExactText.init)
            timeout = try reader.next()
            logMax = try reader.next()
            whenFull = try reader.next(LogLimit.FullAction.init(rawValue:))
        }

        var byteCount: Int {
            [specification, limits, ungranted].reduce(MemoryLayout<Text>.size) { sum, text in
                sum + (text?.value.utf8.count ?? 0)
            }
        }
    }

    /// Ten thousand ordinary orders, or one with a long program text: more than that is begun anew.
    static let textBytesMax = 4 << 20

    private var orders: [Text: JobOrder] = [:]
    private var textBytes = 0

    mutating func next(_ reader: inout ColumnReader) throws -> JobOrder {
        let text = try Text(&reader)
        if let known = orders[text] { return known }
        let order = try RecordedOrders.order(text)
        if textBytes + text.byteCount > RecordedOrders.textBytesMax {
            orders = [:]
            textBytes = 0
        }
        orders[text] = order
        textBytes += text.byteCount
        return order
    }

    /// A specification that cannot be read is lost, and the rest is not.
    private static func order(_ text: Text) throws -> JobOrder {
        let ungranted = try text.ungranted.map { text in
            guard let bytes = ColumnText.decoded(text.value) else { throw ColumnReader.Nonsense() }
            return String(decoding: bytes, as: UTF8.self)
        }
        return JobOrder(
            text.specification.flatMap { JobSpecification(json: $0.value) },
            timeout: text.timeout.map { .nanoseconds($0) },
            limits: text.limits.flatMap { ResourceLimits(json: $0.value) } ?? ResourceLimits(),
            ungranted: ungranted?.split(separator: "\n").map(String.init) ?? [],
            logLimit: text.logMax.map {
                LogLimit(maxBytes: UInt64(bitPattern: $0), whenFull: text.whenFull)
            })
    }
}

/// A text that equals no other, however alike both look to people, and to `String`.
private struct ExactText: Hashable {
    let value: String

    init(_ value: String) {
        self.value = value
    }

    static func == (one: ExactText, other: ExactText) -> Bool {
        one.value.utf8.elementsEqual(other.value.utf8)
    }
}
