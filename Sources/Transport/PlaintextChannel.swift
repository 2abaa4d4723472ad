package import Reactor

/// A channel that protects nothing: for the simulated machine, whose tests are not about TLS.
package final class PlaintextChannel: SecureChannel {
    /// Who is said to be at the other end; nobody proves anything here.
    package let peer: PeerCertificate?

    /// Nothing was negotiated.
    package var security: SecurityInfo? { nil }

    /// Makes a channel to a peer that is taken at its word.
    package init(peer: PeerCertificate? = nil) {
        self.peer = peer
    }

    /// There is nothing to agree on.
    package func handshake(
        reading input: Buffer, answering output: Buffer, now: Instant
    ) throws(TLSFailure) -> Bool {
        true
    }

    /// Hands on as much as fits.
    package func decrypt(
        _ input: Buffer, into plaintext: Buffer, answering output: Buffer, now: Instant
    ) throws(TLSFailure) -> DecryptResult {
        guard input.readableCount > 0 else { return .needsInput }
        move(min(input.readableCount, plaintext.writableCount), from: input, to: plaintext)
        return .plaintext
    }

    /// Hands on everything.
    package func encrypt(
        _ plaintext: Buffer, into output: Buffer, now: Instant
    ) throws(TLSFailure) {
        move(plaintext.readableCount, from: plaintext, to: output)
    }

    /// It holds nothing.
    package func abandon() {}

    /// The end of the stream says enough.
    package func appendGoodbye(to output: Buffer, now: Instant) {}

    private func move(_ count: Int, from source: Buffer, to destination: Buffer) {
        unsafe source.withReadableBytes {
            unsafe destination.append(UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
        }
        source.consume(count)
    }
}
