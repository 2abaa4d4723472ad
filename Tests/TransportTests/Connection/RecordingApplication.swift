import Reactor
import Transport

/// An application that says what it is told to say and remembers what it hears.
final class RecordingApplication: ApplicationProtocol {
    private(set) var received: [UInt8] = []
    private(set) var establishedCount = 0
    private(set) var peer: PeerCertificate?
    private(set) var security: SecurityInfo?
    private(set) var closeReasons: [ConnectionCloseReason] = []
    private(set) var control: (any ConnectionControl)?

    /// Sends back whatever arrives.
    var echoes = false

    /// Wants to end once everything is said.
    var finishesWhenSaid = false

    /// Called after each piece that arrives.
    var onReceive: (() -> Void)?

    /// The last word, said only if asked for it when the connection is being closed.
    var lastWord: [UInt8] = []

    private var unsaid: ArraySlice<UInt8> = []

    var closeReason: ConnectionCloseReason? { closeReasons.first }
    var unsaidCount: Int { unsaid.count }

    /// Has more to say; it is sent as soon as there is a connection.
    func say(_ bytes: [UInt8]) {
        unsaid += bytes
        control?.requestFlush()
    }

    var isFinished: Bool { finishesWhenSaid && unsaid.isEmpty }

    func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        establishedCount += 1
        control = connection
        self.peer = peer
        self.security = security
        connection.requestFlush()
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        received += bytes
        if echoes { say(Array(bytes)) }
        onReceive?()
    }

    func produce(into buffer: Buffer) {
        let piece = unsaid.prefix(buffer.writableCount)
        buffer.append(Array(piece))
        unsaid = unsaid.dropFirst(piece.count)
        if unsaid.isEmpty, !lastWord.isEmpty, buffer.writableCount >= lastWord.count {
            buffer.append(lastWord)
            lastWord = []
        }
    }

    func connectionClosed(_ reason: ConnectionCloseReason) {
        closeReasons.append(reason)
        control = nil
    }
}
