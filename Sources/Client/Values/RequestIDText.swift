import FoundationEssentials

/// The id of a request, as people give one.
enum RequestIDText {
    /// Takes any UUID as it is; the server would refuse everything else.
    static func read(_ text: String) throws(UsageProblem) -> String {
        guard UUID(uuidString: text) != nil else {
            throw UsageProblem(
                "'\(text)' is no UUID, as 0192f3a4-5b6c-4d7e-8f90-a1b2c3d4e5f6; uuidgen makes one.")
        }
        return text
    }
}
