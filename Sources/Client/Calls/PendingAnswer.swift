/// An answer that is still to come.
struct PendingAnswer<Value> {
    /// The answer, or why there is none, once that is known.
    let result: () -> Result<Value, Failure>?

    /// The same, seen through `transform`.
    func map<Other>(_ transform: @escaping (Value) -> Other) -> PendingAnswer<Other> {
        PendingAnswer<Other> { result().map { $0.map(transform) } }
    }
}
