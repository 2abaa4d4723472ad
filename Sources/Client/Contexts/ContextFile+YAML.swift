import Yams

/// The text of a context file. It is read strictly: a mistyped key is an error and not a default.
extension ContextFile {
    /// Reads what ``text`` wrote, or what somebody wrote by hand.
    init(parsing text: String) throws(Failure) {
        guard let root = try Self.node(of: text) else { return }
        let fields = try Self.fields(of: root, known: ["current", "contexts"], at: "the file")
        current = try Self.string(fields["current"], at: "current")
        guard let stored = fields["contexts"] else { return }
        guard let mapping = stored.mapping else {
            throw Self.malformed("'contexts' is not a set of named contexts")
        }
        for (key, value) in mapping {
            guard let name = key.string else { throw Self.malformed("a context has no name") }
            contexts[name] = try Self.context(in: value, called: name)
        }
    }

    /// The whole file, contexts in the order of their names.
    var text: String {
        get throws(Failure) {
            var root: [(Node, Node)] = []
            if let current { root.append((Node("current"), Self.quoted(current))) }
            let stored = contexts.sorted { $0.key < $1.key }.map { name, context in
                (Self.quoted(name), Node(context.fields.map { (Node($0), Self.quoted($1)) }))
            }
            root.append((Node("contexts"), Node(stored)))
            do {
                return try Yams.serialize(node: Node(root))
            } catch {
                throw .local("cannot write the contexts as YAML: \(error)")
            }
        }
    }

    /// Quoted, so that a context called `yes` or `1` stays a name.
    private static func quoted(_ text: String) -> Node {
        Node(text, Tag(.str), .doubleQuoted)
    }

    private static func node(of text: String) throws(Failure) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw malformed("it is not YAML: \(error)")
        }
    }

    private static func context(in node: Node, called name: String) throws(Failure) -> Context {
        let place = "context '\(name)'"
        let fields = try fields(of: node, known: Context.keys, at: place)
        return Context(
            server: try string(fields["server"], at: "\(place), server"),
            cacert: try string(fields["cacert"], at: "\(place), cacert"),
            cert: try string(fields["cert"], at: "\(place), cert"),
            key: try string(fields["key"], at: "\(place), key"))
    }

    private static func fields(
        of node: Node, known: [String], at place: String
    ) throws(Failure) -> [String: Node] {
        guard let mapping = node.mapping else { throw malformed("\(place) is not a set of keys") }
        var fields: [String: Node] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard known.contains(name) else {
                let hint = Suggestion.nearest(to: name, among: known)
                    .map { "; did you mean '\($0)'?" }
                throw malformed("there is no key '\(name)' in \(place)\(hint ?? "")")
            }
            fields[name] = value
        }
        return fields
    }

    private static func string(_ node: Node?, at place: String) throws(Failure) -> String? {
        guard let node else { return nil }
        guard let text = node.scalar?.string else { throw malformed("\(place) is not a text") }
        return text
    }

    private static func malformed(_ why: String) -> Failure {
        .local(
            "cannot read the stored contexts: \(why)",
            remedy: "Correct the file, or delete it and run `cmdctl auth login` again.")
    }
}

extension Context {
    static let keys = ["server", "cacert", "cert", "key"]

    /// What is set, in the order of ``keys``.
    var fields: [(String, String)] {
        zip(Self.keys, [server, cacert, cert, key]).compactMap { key, value in
            value.map { (key, $0) }
        }
    }
}
