import Reactor

/// Where a TLS session's bytes come from and go to, for the duration of one call.
///
/// OpenSSL sees a BIO; behind it are the connection's own buffers, so that an idle session holds
/// no bytes and nothing is copied on its way in.
final class TLSWires {
    /// Why no byte flows any more, if so; OpenSSL only learns that reading or writing fails.
    private(set) var failure: TLSFailure?

    private var input: Buffer?
    private var output: Buffer?
    private var now = Instant(nanoseconds: 0)
    private var keyUpdates: RateBudget

    /// Makes wires that lead nowhere yet.
    init(keyUpdatesPerMinute: Int) {
        keyUpdates = RateBudget(limit: keyUpdatesPerMinute, interval: .seconds(60))
    }

    /// Lends buffers to the session while `body` runs.
    func lending<Result>(
        input: Buffer?, output: Buffer?, now: Instant, _ body: () -> Result
    ) -> Result {
        precondition(self.output == nil, "a TLS session is called from inside itself")
        self.input = input
        self.output = output
        self.now = now
        defer {
            self.input = nil
            self.output = nil
        }
        return body()
    }

    /// What a read came to.
    enum ReadResult: Equatable {
        case bytes(Int)
        case nothingYet
        case failed
    }

    /// Moves bytes from the input to OpenSSL.
    func read(into space: UnsafeMutableRawBufferPointer) -> ReadResult {
        guard failure == nil else { return .failed }
        guard let input, input.readableCount > 0 else { return .nothingYet }
        let count = min(space.count, input.readableCount)
        unsafe input.withReadableBytes {
            unsafe space.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
        }
        input.consume(count)
        return .bytes(count)
    }

    /// Appends bytes from OpenSSL to the output: all of them, or it is a failure.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard failure == nil, let output else { return false }
        guard bytes.count <= output.writableCount else {
            failure = .outputOverflow
            return false
        }
        unsafe output.append(bytes)
        return true
    }

    /// The peer has sent a KeyUpdate (RFC 8446, section 4.6.3).
    func keyUpdateReceived() {
        if !keyUpdates.spend(at: now) {
            failure = .tooManyKeyUpdates
        }
    }
}
