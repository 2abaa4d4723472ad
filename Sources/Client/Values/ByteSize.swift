import JobsAPI

/// A number of bytes that a file may have, as people write it.
struct ByteSize: Equatable {
    let count: UInt64

    init(parsing text: String) throws(UsageProblem) {
        do throws(LimitTextProblem) {
            count = try LimitText.bytes(text)
        } catch {
            throw UsageProblem(error.sentence)
        }
        guard count <= UInt64(Int64.max) else {
            throw UsageProblem("It is more than any file can hold.")
        }
    }
}
