/// A length of time as people write it: `10s`, `1m30s`, `500ms`, `1.5h`.
struct DurationText: Equatable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// Reads numbers with units, added up; only zero needs no unit.
    init(parsing text: String) throws(UsageProblem) {
        guard text != "0" else {
            duration = .zero
            return
        }
        var rest = Substring(text)
        var total = Duration.zero
        repeat {
            total += try Self.takeTerm(from: &rest, of: text)
            guard total <= Self.longest else {
                throw UsageProblem("It is longer than \(Self.longest.components.seconds)s.")
            }
        } while !rest.isEmpty
        duration = total
    }

    /// A century: longer is a slip of the hand, and arithmetic on it would soon overflow.
    static let longest = Duration.seconds(36_525 * 86_400)

    private static func takeTerm(
        from rest: inout Substring, of text: String
    ) throws(UsageProblem) -> Duration {
        let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        rest = rest.dropFirst(number.count)
        let unit = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(unit.count)
        guard let value = Double(number), value.isFinite, value < 1e12 else {
            throw UsageProblem("Write a number and a unit, such as 10s, 1m30s or 500ms.")
        }
        guard let seconds = secondsPerUnit[String(unit)] else {
            let problem = unit.isEmpty ? "It has no unit" : "There is no unit '\(unit)'"
            throw UsageProblem("\(problem): use ns, us, ms, s, m, h or d, as in 10s or 1m30s.")
        }
        return .seconds(value * seconds)
    }

    private static let secondsPerUnit: [String: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86_400,
    ]
}

extension DurationText: CustomStringConvertible {
    /// The two largest units, as `1m30s`; below a second, milliseconds.
    var description: String {
        let (seconds, attoseconds) = duration.components
        guard seconds > 0 else { return "\(attoseconds / 1_000_000_000_000_000)ms" }
        let parts: [(Int64, String)] = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 != 0 }
        return shown.map { "\($0.0)\($0.1)" }.joined()
    }
}
