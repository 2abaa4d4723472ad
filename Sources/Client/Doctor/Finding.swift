/// One thing the doctor has looked at.
struct Finding: Equatable {
    enum Level: String {
        case ok, warning, problem
    }

    let level: Level
    let subject: String
    let text: String
    /// What to do; empty if there is nothing to do.
    let advice: String

    init(_ level: Level, _ subject: String, _ text: String, advice: String = "") {
        self.level = level
        self.subject = subject
        self.text = text
        self.advice = advice
    }

    static func text(of findings: [Finding], as format: OutputFormat) throws(Failure) -> String {
        switch format {
        case .table, .wide: table(of: findings)
        case .name: findings.filter { $0.level != .ok }.map { $0.subject + "\n" }.joined()
        case .json: JSONText.indented(json(of: findings)) + "\n"
        case .yaml: try YAMLText.of(json: json(of: findings))
        }
    }

    private static func table(of findings: [Finding]) -> String {
        var table = TextTable()
        for finding in findings {
            let sentence = finding.text + (finding.advice.isEmpty ? "" : ". \(finding.advice)")
            table.append([finding.level.rawValue, finding.subject, sentence])
        }
        return table.text
    }

    private static func json(of findings: [Finding]) -> String {
        let objects = findings.map { finding in
            let members = [
                ("level", finding.level.rawValue), ("subject", finding.subject),
                ("text", finding.text), ("advice", finding.advice),
            ].map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
            return "{\(members.joined(separator: ","))}"
        }
        return "{\"findings\":[\(objects.joined(separator: ","))]}"
    }
}
