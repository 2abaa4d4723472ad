/// One `KEY=value` of an environment or a set of labels.
struct KeyValue: Equatable {
    let key: String
    let value: String

    /// Reads a label: a key, then everything after the first `=`.
    static func label(_ text: String) throws(UsageProblem) -> KeyValue {
        guard let pair = split(text) else {
            throw UsageProblem("A label is a key and a value: write KEY=VALUE.")
        }
        return pair
    }

    /// Reads an environment entry; a bare name takes the value it has here and now.
    static func environment(
        _ text: String, from own: [String: String]
    ) throws(UsageProblem) -> KeyValue {
        if let pair = split(text) { return pair }
        guard !text.isEmpty, !text.contains("=") else {
            throw UsageProblem("The name before '=' is empty: write KEY=VALUE.")
        }
        guard let value = own[text] else {
            throw UsageProblem(
                "\(text) is not set here, so it has no value to pass on: "
                    + "write \(text)=VALUE.")
        }
        return KeyValue(key: text, value: value)
    }

    private static func split(_ text: String) -> KeyValue? {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        return KeyValue(
            key: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
    }
}

extension [KeyValue] {
    /// As the API's map; of two with one key the last wins, as in a shell.
    var dictionary: [String: String] {
        Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
