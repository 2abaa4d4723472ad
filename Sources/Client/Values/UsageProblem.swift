/// What is wrong with one word of the command line; the parser says which word.
struct UsageProblem: Error, Equatable, CustomStringConvertible {
    /// One sentence or two: why it is wrong, and what to write instead.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
