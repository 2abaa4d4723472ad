import Jobs

/// Who may start what, and what each job is granted.
final class StartPolicy {
    /// What everybody is granted.
    private let terms: StartTerms

    init(_ terms: StartTerms) {
        self.terms = terms
    }

    /// What a caller is granted.
    func terms(for identity: ClientIdentity) -> StartTerms { terms }
}
