import DequeModule

/// The news that an operation is done.
package struct Completion {
    /// Which operation.
    package let token: Token
    /// How it went.
    package let outcome: Outcome
}

/// Completions on their way to their handlers, oldest first.
package struct CompletionQueue {
    private var completions: Deque<Completion> = []

    /// Makes an empty queue.
    package init() {}

    /// Whether nothing waits for its handler.
    package var isEmpty: Bool { completions.isEmpty }

    /// How many wait for their handlers.
    package var count: Int { completions.count }

    /// Adds what became of an operation.
    package mutating func append(_ token: Token, _ outcome: Outcome) {
        completions.append(Completion(token: token, outcome: outcome))
    }

    /// Takes out the oldest.
    package mutating func popFirst() -> Completion? {
        completions.popFirst()
    }

    /// Moves everything to the end of another queue.
    package mutating func moveAll(to other: inout CompletionQueue) {
        other.completions.append(contentsOf: completions)
        completions.removeAll(keepingCapacity: true)
    }
}
