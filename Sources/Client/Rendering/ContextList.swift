/// The stored contexts, in the order of their names.
struct ContextList {
    let contexts: ContextFile

    func text(as format: OutputFormat) throws(Failure) -> String {
        switch format {
        case .table, .wide: table(isWide: format == .wide)
        case .json: JSONText.indented(json) + "\n"
        case .yaml: try contexts.text
        case .name: sorted.map { $0.key + "\n" }.joined()
        }
    }

    private var sorted: [(key: String, value: Context)] {
        contexts.contexts.sorted { $0.key < $1.key }
    }

    private func table(isWide: Bool) -> String {
        var table = TextTable(
            header: ["", "NAME", "SERVER", "CERTIFICATE"] + (isWide ? ["KEY", "AUTHORITY"] : []))
        for (name, context) in sorted {
            let mark = name == contexts.current ? "*" : ""
            let more = isWide ? [context.key ?? "", context.cacert ?? ""] : []
            table.append([mark, name, context.server ?? "", context.cert ?? ""] + more)
        }
        return table.text
    }

    /// The tree of the file, which is the tree of its YAML form as well.
    private var json: String {
        let stored = sorted.map { name, context in
            let fields = context.fields.map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
            return "\(JSONText.quoted(name)):{\(fields.joined(separator: ","))}"
        }
        let current = contexts.current.map { "\"current\":\(JSONText.quoted($0))," } ?? ""
        return "{\(current)\"contexts\":{\(stored.joined(separator: ","))}}"
    }
}
