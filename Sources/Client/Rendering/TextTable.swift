/// Columns of text, as wide as they need to be.
struct TextTable {
    private(set) var rows: [[String]]

    init(header: [String]) {
        rows = [header]
    }

    /// Without a header, for facts about one thing.
    init() {
        rows = []
    }

    mutating func append(_ cells: [String]) {
        rows.append(cells.map(\.printable))
    }

    /// Every line ends with a newline, and no line with spaces.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { Self.line($0, widths: widths) }.joined()
    }

    private static func line(_ cells: [String], widths: [Int]) -> String {
        let padded = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: width - cell.count)
        }
        let line = padded.joined(separator: "   ")
        return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
}

extension String {
    /// With control characters spelled out: a job's name or command must not steer a terminal.
    var printable: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.isControl: text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// At most `limit` characters, the last one an ellipsis if something is missing.
    func shortened(to limit: Int) -> String {
        count <= limit ? self : prefix(limit - 1) + "…"
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        properties.generalCategory == .control || properties.generalCategory == .format
    }
}
