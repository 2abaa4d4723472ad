import Synchronization

/// The one door through which other threads reach the loop: a mutex, a queue and a bell.
///
/// Only the first message of a batch rings, so a busy worker does not pay a system call for each.
package final class Inbox<Message: Sendable>: Sendable {
    private let arrived = Mutex<[Message]>([])
    private let ring: @Sendable () -> Void

    /// Makes an empty inbox; `ring` wakes its reader and is called on the sender's thread.
    package init(ring: @escaping @Sendable () -> Void) {
        self.ring = ring
    }

    /// Leaves a message, from any thread.
    package func post(_ message: Message) {
        let isFirst = arrived.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        // After the append: the reader silences the bell before it looks.
        if isFirst { ring() }
    }

    /// Takes everything that has arrived, oldest first.
    package func takeAll() -> [Message] {
        arrived.withLock { messages in
            guard !messages.isEmpty else { return [] }
            defer { messages = [] }
            return messages
        }
    }

    /// Whether nothing waits.
    package var isEmpty: Bool {
        arrived.withLock { $0.isEmpty }
    }
}

/// What another thread wants done on the loop.
package typealias ReactorNews = @Sendable (Reactor) -> Void
