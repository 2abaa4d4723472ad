/// Why a command never ran: the last record of the index of a job whose start failed.
///
/// The daemon is told the same on the status pipe; this is for one that did not live to hear it.
package struct NeverRanRecord: Equatable, Sendable {
    /// The step that failed.
    package var stage: StartStage
    /// The errno(3) of that step, 0 if it has none.
    package var errorNumber: Int32
    /// When it was known, in nanoseconds since the Unix epoch.
    package var timeNanoseconds: Int64
    /// On what it failed, as far as that fits: the first 28 bytes of a path, most often.
    package let detail: String

    package init(stage: StartStage, errno: Int32, timeNanoseconds: Int64, detail: String) {
        self.stage = stage
        errorNumber = errno
        self.timeNanoseconds = timeNanoseconds
        self.detail = Self.shortened(detail)
    }

    /// The front of `text` that fits, without half a character at its end.
    private static func shortened(_ text: String) -> String {
        var front = text.utf8.prefix(IndexRecord.Fields.restSize)
        while true {
            if let whole = String(front) { return whole }
            front = front.dropLast()
        }
    }
}

extension NeverRanRecord {
    /// Beside the two ways in which a command can end; see `EndRecord`.
    private static let form: UInt8 = 3

    func fields(kind: UInt8) -> IndexRecord.Fields {
        IndexRecord.Fields(
            kind: kind, detail: Self.form, number: errorNumber, timeNanoseconds: timeNanoseconds,
            count: UInt64(stage.rawValue), rest: Array(detail.utf8)[...])
    }

    init?(_ fields: IndexRecord.Fields) {
        let bytes = fields.rest.prefix { $0 != 0 }
        guard fields.detail == Self.form,
            let stage = UInt8(exactly: fields.count).flatMap(StartStage.init(rawValue:)),
            let detail = String(validating: bytes, as: UTF8.self)
        else { return nil }
        self.init(
            stage: stage, errno: fields.number, timeNanoseconds: fields.timeNanoseconds,
            detail: detail)
    }
}
