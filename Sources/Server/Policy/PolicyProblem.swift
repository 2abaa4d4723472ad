/// Why a policy file cannot be followed: where, what, and what to do.
struct PolicyProblem: Error, Equatable {
    let file: String
    let line: Int?
    /// The problem, without the place.
    let problem: String

    /// One sentence for the operator.
    var sentence: String {
        (line.map { "\(file), line \($0)" } ?? file) + ": \(problem)"
    }
}
