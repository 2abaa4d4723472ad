import JobsAPI

/// The value of a limit that was checked; its option knows which.
struct LimitValue: Equatable {
    let word: LimitWord
    let text: String

    /// Checks a text for one limit, for the parser to say which option is wrong.
    static func reader(
        of word: LimitWord
    ) -> @Sendable (String) throws(UsageProblem) -> LimitValue {
        { text throws(UsageProblem) in
            var limits = Cmdctl_V1_ResourceLimits()
            do throws(LimitTextProblem) {
                try limits.set(word, to: text)
            } catch {
                throw UsageProblem(error.sentence)
            }
            return LimitValue(word: word, text: text)
        }
    }
}
