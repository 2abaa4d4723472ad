import Synchronization

/// Carries a worker's value to the loop: put once there, taken once here.
final class WorkResult<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    /// On the worker's thread, before the news is posted.
    func put(_ new: Value) {
        value.withLock { $0 = new }
    }

    /// On the loop, after the news has come.
    func take() -> Value {
        let taken = value.withLock { $0.take() }
        guard let taken else { preconditionFailure("news of work that is not done") }
        return taken
    }
}
