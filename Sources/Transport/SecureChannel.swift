package import Reactor

/// What stands between a socket and an application: makes plaintext of wire bytes and back, and
/// does no I/O.
///
/// The buffers belong to the caller and are lent for one call. A call that throws may have appended
/// a last word for the peer, an alert, to its output.
package protocol SecureChannel: AnyObject {
    /// The peer's verified certificate, once the handshake is over.
    var peer: PeerCertificate? { get }

    /// What was negotiated, once the handshake is over.
    var security: SecurityInfo? { get }

    /// Carries the handshake on as far as the input allows.
    ///
    /// - Returns: true once it is over. What is left of the input is then for
    ///   ``decrypt(_:into:answering:now:)``.
    func handshake(
        reading input: Buffer, answering output: Buffer, now: Instant
    ) throws(TLSFailure) -> Bool

    /// Takes wire bytes from the input and appends the next piece of plaintext.
    ///
    /// Call it until it no longer returns ``DecryptResult/plaintext``.
    func decrypt(
        _ input: Buffer, into plaintext: Buffer, answering output: Buffer, now: Instant
    ) throws(TLSFailure) -> DecryptResult

    /// Takes all of the plaintext and appends it as wire bytes; the output has room for them,
    /// see ``TransportResources``.
    func encrypt(_ plaintext: Buffer, into output: Buffer, now: Instant) throws(TLSFailure)

    /// Gives up what a handshake holds that has failed: nothing is asked of the channel after it.
    func abandon()

    /// Appends what tells the peer that nothing more will come.
    func appendGoodbye(to output: Buffer, now: Instant)
}

/// What became of wire bytes.
package enum DecryptResult: Equatable {
    /// Some plaintext; there may be more.
    case plaintext

    /// All of the input is used up and the next record is not complete.
    case needsInput

    /// The peer has said that nothing more will come.
    case peerSaidGoodbye
}
