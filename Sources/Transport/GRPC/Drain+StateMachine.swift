/// A graceful end in two steps, so that no request is lost on the way.
/// (RFC 9113, section 6.8.)
///
/// First a GOAWAY that names no last stream, and a ping after it. When the ping is answered,
/// whatever the client opened before it knew has arrived; then the real GOAWAY.
struct DrainStateMachine {
    private enum State { case serving, announced, final }

    private var state = State.serving

    /// What is to be sent.
    enum Action { case announce, goAway, none }

    mutating func begin() -> Action {
        guard state == .serving else { return .none }
        state = .announced
        return .announce
    }

    /// The client has seen the announcement, or had the time to.
    mutating func announcementSeen() -> Action {
        guard state == .announced else { return .none }
        state = .final
        return .goAway
    }
}
