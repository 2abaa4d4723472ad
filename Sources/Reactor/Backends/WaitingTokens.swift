/// The operations that wait for one direction of one descriptor, oldest first.
///
/// Nearly always there is one, and that one takes no memory beside this value; only a process may
/// well be watched by several.
struct WaitingTokens {
    private var first: Token?
    private var others: [Token] = []

    /// Whether nothing waits.
    var isEmpty: Bool { first == nil }

    /// Adds one at the end.
    mutating func append(_ token: Token) {
        if first == nil { first = token } else { others.append(token) }
    }

    /// Takes one out.
    mutating func remove(_ token: Token) {
        self = without { $0 == token }
    }

    /// Those for which `isDone`, called once for each in order, says no.
    func without(_ isDone: (Token) -> Bool) -> WaitingTokens {
        var rest = WaitingTokens()
        if let first, !isDone(first) { rest.append(first) }
        for token in others where !isDone(token) { rest.append(token) }
        return rest
    }
}
