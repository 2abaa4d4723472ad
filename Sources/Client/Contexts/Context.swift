/// Where a server is and who we are to it: what the global options say, stored under a name.
struct Context: Equatable {
    var server: String?
    var cacert: String?
    var cert: String?
    var key: String?
}

/// Every stored context, and which of them is meant when none is named.
struct ContextFile: Equatable {
    var current: String?
    var contexts: [String: Context] = [:]
}

extension ContextFile {
    /// The context called `name`, or else the current one, or else none.
    func context(named name: String?) throws(Failure) -> Context? {
        guard let wanted = name ?? current else { return nil }
        guard let context = contexts[wanted] else { throw missing(wanted) }
        return context
    }

    /// That there is no context called `name`.
    func missing(_ name: String) -> Failure {
        let nearest = Suggestion.nearest(to: name, among: Array(contexts.keys))
        return .local(
            "there is no context '\(name)'",
            remedy: nearest.map { "Did you mean '\($0)'?" }
                ?? "`cmdctl auth list` shows those there are.")
    }
}
