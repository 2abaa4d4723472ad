/// What a job was asked to do, and what it was granted for that: all that is decided before it runs.
///
/// Most jobs are ordered as others were before them. A copy holds no memory of its own until it is
/// changed, so of a hundred thousand jobs that are alike one order is kept.
package struct JobOrder: Hashable, Sendable {
    private struct Parts: Hashable, Sendable {
        var specification: JobSpecification?
        var timeout: Duration?
        var limits: ResourceLimits
        var ungranted: [String]
        var logLimit: LogLimit?
    }

    private final class Sheet: Sendable {
        let parts: Parts

        init(_ parts: Parts) {
            self.parts = parts
        }
    }

    private var sheet: Sheet

    /// Notes an order.
    package init(
        _ specification: JobSpecification?, timeout: Duration? = nil,
        limits: ResourceLimits = ResourceLimits(), ungranted: [String] = [],
        logLimit: LogLimit? = nil
    ) {
        sheet = Sheet(
            Parts(
                specification: specification, timeout: timeout, limits: limits,
                ungranted: ungranted, logLimit: logLimit))
    }

    /// What was asked for; nil when the record was lost.
    package var specification: JobSpecification? { sheet.parts.specification }

    /// How long it may run; nil for as long as it wants.
    package var timeout: Duration? {
        get { sheet.parts.timeout }
        set { change { $0.timeout = newValue } }
    }

    /// What it may take, of what was asked for and what is allowed.
    package var limits: ResourceLimits {
        get { sheet.parts.limits }
        set { change { $0.limits = newValue } }
    }

    /// What it asked for and does not have, one sentence each.
    package var ungranted: [String] {
        get { sheet.parts.ungranted }
        set { change { $0.ungranted = newValue } }
    }

    /// How much of its output is kept; nil if that is not known.
    package var logLimit: LogLimit? {
        get { sheet.parts.logLimit }
        set { change { $0.logLimit = newValue } }
    }

    private mutating func change(_ change: (inout Parts) -> Void) {
        var parts = sheet.parts
        change(&parts)
        sheet = Sheet(parts)
    }

    /// The same order, held together with another one if they do not differ in a single byte.
    func shared(with other: JobOrder?) -> JobOrder {
        guard let other, isIdentical(to: other) else { return self }
        return other
    }

    /// Whether both hold the same memory.
    func isShared(with other: JobOrder) -> Bool { sheet === other.sheet }

    private func isIdentical(to other: JobOrder) -> Bool {
        guard self == other else { return false }
        guard let specification, let others = other.specification else { return true }
        return specification.isIdentical(to: others)
    }

    /// Whether both say the same.
    package static func == (one: JobOrder, other: JobOrder) -> Bool {
        one.sheet === other.sheet || one.sheet.parts == other.sheet.parts
    }

    /// Hashes what equality compares.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(sheet.parts)
    }
}
