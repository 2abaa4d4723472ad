import Yams

/// Reads the nodes of a policy file strictly: every key must be known, every value of its kind.
struct PolicyReader {
    let file: String

    /// The root of a text; nil if it is empty.
    func compose(_ text: String) throws(PolicyProblem) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw problem(with: error)
        } catch {
            throw PolicyProblem(file: file, line: nil, problem: "this is not YAML: \(error)")
        }
    }

    private func problem(with error: YamlError) -> PolicyProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            PolicyProblem(file: file, line: mark.line, problem: "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            PolicyProblem(
                file: file, line: context.mark.line,
                problem: "the key \"\(duplicates.first ?? "")\" stands there twice; remove one")
        default:
            PolicyProblem(file: file, line: nil, problem: "this is not YAML: \(error)")
        }
    }

    /// A problem at the place of a node.
    func problem(_ text: String, at node: Node) -> PolicyProblem {
        PolicyProblem(file: file, line: node.mark?.line, problem: text)
    }

    /// The values of a mapping by their keys, each of which must be one of `keys`.
    func members<Key>(
        of node: Node, _ what: String
    ) throws(PolicyProblem) -> [Key: Node]
    where Key: RawRepresentable<String> & CaseIterable & Hashable {
        guard case .mapping(let mapping) = node else {
            throw problem("\(what) must be lines of the form \"key: value\"", at: node)
        }
        var members: [Key: Node] = [:]
        for (name, value) in mapping {
            let word = name.scalar?.string ?? "?"
            guard let key = Key(rawValue: word) else {
                let nearest = Key.allCases.map(\.rawValue)
                    .min { editDistance(word, $0) < editDistance(word, $1) }
                throw problem(
                    "\(what) has no key \"\(word)\"; did you mean \"\(nearest ?? "")\"?", at: name)
            }
            members[key] = value
        }
        return members
    }

    /// The elements of a list.
    func list(_ node: Node, _ what: String) throws(PolicyProblem) -> [Node] {
        guard case .sequence(let sequence) = node else {
            throw problem("\(what) must be a list, as [a, b]", at: node)
        }
        return Array(sequence)
    }

    /// A text, which a number is not unless it is quoted.
    func text(_ node: Node, _ what: String) throws(PolicyProblem) -> String {
        guard let scalar = node.scalar, node.tag == Tag(.str), !scalar.string.isEmpty else {
            throw problem("\(what) must be text; put quotes around it", at: node)
        }
        return scalar.string
    }

    /// Texts.
    func texts(_ node: Node, _ what: String) throws(PolicyProblem) -> [String] {
        var texts: [String] = []
        for element in try list(node, what) { texts.append(try text(element, "each of \(what)")) }
        return texts
    }

    /// Words, each of which must be one of a kind.
    func words<Word>(
        _ node: Node, _ what: String, _ type: Word.Type = Word.self
    ) throws(PolicyProblem) -> [Word] where Word: RawRepresentable<String> & CaseIterable {
        var words: [Word] = []
        for element in try list(node, what) {
            guard let word = Word(rawValue: try text(element, "each of \(what)")) else {
                let all = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw problem("each of \(what) must be one of \(all)", at: element)
            }
            words.append(word)
        }
        return words
    }

    /// A truth.
    func truth(_ node: Node, _ what: String) throws(PolicyProblem) -> Bool {
        guard node.tag == Tag(.bool), let truth = node.bool else {
            throw problem("\(what) must be true or false", at: node)
        }
        return truth
    }

    /// Something that is written as text, or as a number.
    func parsed<Value>(
        _ node: Node, _ what: String, as expected: String, _ parse: (String) -> Value?
    ) throws(PolicyProblem) -> Value {
        let isFit = node.tag == Tag(.str) || node.tag == Tag(.int)
        guard isFit, let text = node.scalar?.string, let value = parse(text) else {
            throw problem("\(what) must be \(expected)", at: node)
        }
        return value
    }
}
