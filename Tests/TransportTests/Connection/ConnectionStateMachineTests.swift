import Reactor
import Testing

@testable import Transport

/// The life of a connection as a table: what happened, what is ordered.
struct ConnectionStateMachineTests {
    /// What can happen to a connection.
    enum Event {
        case handshakeCompleted
        case received(Int)
        case processed(mayHaveMore: Bool)
        case receiveFailed(Errno)
        case sent
        case sendFailed(Errno)
        case end(ConnectionCloseReason)
        case deadline
        case giveWay
        /// So many bytes wait to be sent from now on.
        case unsent(Int)
    }

    typealias Order = Connection.StateMachine.Order
    typealias Phase = Connection.StateMachine.Phase

    /// Drives a machine and writes down its orders.
    struct Driver {
        var machine: Connection.StateMachine
        var unsentCount = 0
        var orders: [Order] = []

        init(_ events: [Event], isAccepted: Bool = true) {
            machine = Connection.StateMachine(
                limits: TransportLimits(), isAccepted: isAccepted)
            collect()
            for event in events { handle(event) }
        }

        /// Handles one event and forgets the orders before it.
        mutating func handle(_ event: Event) {
            orders = []
            switch event {
            case .handshakeCompleted: machine.handshakeCompleted()
            case .received(let count): _ = machine.received(count)
            case .processed(let mayHaveMore): machine.processed(mayHaveMore: mayHaveMore)
            case .receiveFailed(let errno): machine.receiveFailed(errno)
            case .sent: machine.sent()
            case .sendFailed(let errno): machine.sendFailed(errno)
            case .end(let reason): machine.end(reason)
            case .deadline: machine.deadlinePassed()
            case .giveWay: machine.giveWay()
            case .unsent(let count): unsentCount = count
            }
            collect()
        }

        private mutating func collect() {
            while let order = machine.nextOrder(unsentCount: unsentCount) {
                orders.append(order)
            }
        }
    }

    private static let refusal = ConnectionCloseReason.handshakeFailed(
        .peerCertificateInvalid(.missing))
    private static let refused = ConnectionCloseReason.handshakeFailed(
        .certificateRefusedByPeer(.certificateRequired))
    private static let closedEarly = ConnectionCloseReason.handshakeFailed(.closedDuringHandshake)
    private static let over = TransportLimits().unsentBytesWhileReading + 1

    /// Before, the event, and then: the orders and the phase.
    struct Row {
        let name: String
        let before: [Event]
        let event: Event
        let orders: [Order]
        let phase: Phase
    }

    static let rows: [Row] = [
        // Reading.
        Row(
            name: "what arrives is used up before more is read", before: [],
            event: .received(10), orders: [.useUp], phase: .handshaking),
        Row(
            name: "then the socket is waited for again", before: [.received(10)],
            event: .processed(mayHaveMore: false), orders: [.receiveLent], phase: .handshaking),
        Row(
            name: "a filled buffer is read on at once", before: [.received(10)],
            event: .processed(mayHaveMore: true), orders: [.receive], phase: .handshaking),
        Row(
            name: "who does not listen is not heard",
            before: [.handshakeCompleted, .unsent(over)], event: .received(7), orders: [],
            phase: .open),
        Row(
            name: "who listens again is heard again",
            before: [.handshakeCompleted, .unsent(over), .received(7)], event: .unsent(0),
            orders: [.useUp], phase: .open),

        // Sending.
        Row(
            name: "bytes are sent", before: [.handshakeCompleted], event: .unsent(5),
            orders: [.send], phase: .open),
        Row(
            name: "one send at a time", before: [.handshakeCompleted, .unsent(5)],
            event: .unsent(9), orders: [], phase: .open),
        Row(
            name: "the rest is sent after a part", before: [.handshakeCompleted, .unsent(9)],
            event: .sent, orders: [.send], phase: .open),

        // The peer ends it.
        Row(
            name: "an end in the handshake is a failed handshake", before: [],
            event: .received(0), orders: [.close(closedEarly)], phase: .closed),
        Row(
            name: "an end is an end", before: [.handshakeCompleted],
            event: .received(0), orders: [.close(.peerClosed)], phase: .closed),
        Row(
            name: "a reset is a reset", before: [.handshakeCompleted],
            event: .receiveFailed(.connectionReset), orders: [.close(.reset(.connectionReset))],
            phase: .closed),
        Row(
            name: "the send in flight is joined",
            before: [.handshakeCompleted, .unsent(5)], event: .received(0),
            orders: [.cancelOperations], phase: .joining(.peerClosed)),
        Row(
            name: "joined, it closes",
            before: [.handshakeCompleted, .unsent(5), .received(0)],
            event: .sendFailed(.canceled), orders: [.close(.peerClosed)], phase: .closed),
        Row(
            name: "an alert of the peer's needs no answer",
            before: [.handshakeCompleted, .unsent(5), .received(7)],
            event: .end(refused), orders: [.cancelOperations], phase: .joining(refused)),

        // Sending fails.
        Row(
            name: "what the peer said before is still read", before: [.unsent(5)],
            event: .sendFailed(.brokenPipe), orders: [], phase: .unheard(.brokenPipe)),
        Row(
            name: "and may explain it",
            before: [.unsent(5), .sendFailed(.brokenPipe), .received(7)],
            event: .end(refused), orders: [.close(refused)], phase: .closed),
        Row(
            name: "or not",
            before: [.handshakeCompleted, .unsent(5), .sendFailed(.brokenPipe)],
            event: .received(0), orders: [.close(.reset(.brokenPipe))], phase: .closed),
        Row(
            name: "the first failure counts",
            before: [.handshakeCompleted, .unsent(5), .sendFailed(.brokenPipe)],
            event: .receiveFailed(.connectionReset), orders: [.close(.reset(.brokenPipe))],
            phase: .closed),
        Row(
            name: "but not for ever", before: [.unsent(5), .sendFailed(.brokenPipe)],
            event: .deadline, orders: [.cancelOperations], phase: .joining(.reset(.brokenPipe))),

        // We end it.
        Row(
            name: "with nothing to send the stream is closed at once",
            before: [.handshakeCompleted], event: .end(.finished), orders: [.halfClose],
            phase: .lingering(.finished)),
        Row(
            name: "what is left is sent first", before: [.handshakeCompleted, .unsent(5)],
            event: .end(.finished), orders: [], phase: .draining(.finished)),
        Row(
            name: "then the stream is closed",
            before: [.handshakeCompleted, .unsent(5), .end(.finished), .unsent(0)],
            event: .sent, orders: [.halfClose], phase: .lingering(.finished)),
        Row(
            name: "only the first reason counts",
            before: [.handshakeCompleted, .unsent(5), .end(.finished)],
            event: .end(.idle), orders: [], phase: .draining(.finished)),
        Row(
            name: "a refusal is told in the handshake too", before: [.unsent(7)],
            event: .end(refusal), orders: [], phase: .draining(refusal)),
        Row(
            name: "nothing else is, in the handshake", before: [],
            event: .end(.shutdown), orders: [.cancelOperations], phase: .joining(.shutdown)),
        Row(
            name: "a dead peer is told nothing", before: [.handshakeCompleted],
            event: .end(.keepaliveTimeout), orders: [.cancelOperations],
            phase: .joining(.keepaliveTimeout)),
        Row(
            name: "a peer that goes while we drain gets the rest",
            before: [.handshakeCompleted, .unsent(5), .end(.finished)],
            event: .received(0), orders: [], phase: .draining(.finished)),
        Row(
            name: "and is not waited for",
            before: [
                .handshakeCompleted, .unsent(5), .end(.finished), .received(0),
                .unsent(0),
            ],
            event: .sent, orders: [.halfClose, .close(.finished)], phase: .closed),
        Row(
            name: "draining fails with the peer",
            before: [.handshakeCompleted, .unsent(5), .end(.finished)],
            event: .sendFailed(.connectionReset), orders: [.cancelOperations],
            phase: .joining(.finished)),
        Row(
            name: "draining has its time",
            before: [.handshakeCompleted, .unsent(5), .end(.finished)], event: .deadline,
            orders: [.cancelOperations], phase: .joining(.finished)),

        // Lingering.
        Row(
            name: "what comes while lingering is thrown away, and more is waited for",
            before: [.handshakeCompleted, .end(.finished)], event: .received(9),
            orders: [.receiveLent], phase: .lingering(.finished)),
        Row(
            name: "until the peer ends too",
            before: [.handshakeCompleted, .end(.finished)], event: .received(0),
            orders: [.close(.finished)], phase: .closed),
        Row(
            name: "or breaks", before: [.handshakeCompleted, .end(.finished)],
            event: .receiveFailed(.connectionReset), orders: [.close(.finished)], phase: .closed),
        Row(
            name: "or says too much",
            before: [.handshakeCompleted, .end(.finished)],
            event: .received(TransportLimits().lingerBytes + 1), orders: [.close(.finished)],
            phase: .closed),
        Row(
            name: "or takes too long", before: [.handshakeCompleted, .end(.finished)],
            event: .deadline, orders: [.cancelOperations], phase: .joining(.finished)),

        // The handshake.
        Row(
            name: "a handshake has its time", before: [], event: .deadline,
            orders: [.cancelOperations], phase: .joining(.handshakeTimeout)),
        Row(
            name: "a handshake gives way", before: [], event: .giveWay,
            orders: [.cancelOperations], phase: .joining(.crowdedOut)),
        Row(
            name: "a refusal gives way", before: [.unsent(7), .end(refusal)], event: .giveWay,
            orders: [.cancelOperations], phase: .joining(refusal)),
        Row(
            name: "a conversation does not", before: [.handshakeCompleted], event: .giveWay,
            orders: [], phase: .open),
        Row(
            name: "a cancelled wait lets it close", before: [.deadline],
            event: .receiveFailed(.canceled), orders: [.close(.handshakeTimeout)],
            phase: .closed),
    ]

    @Test(arguments: rows.indices)
    func `each event is answered`(index: Int) {
        let row = Self.rows[index]
        var driver = Driver(row.before)
        driver.handle(row.event)
        #expect(driver.orders == row.orders, "\(row.name)")
        #expect(driver.machine.phase == row.phase, "\(row.name)")
    }

    @Test func `a new connection waits without a buffer`() {
        let driver = Driver([])
        #expect(driver.orders == [.receiveLent])
        #expect(driver.machine.deadline == .handshake)
    }

    @Test func `a client's end reads whatever it has to say`() {
        let driver = Driver(
            [.handshakeCompleted, .received(7), .unsent(Self.over), .processed(mayHaveMore: true)],
            isAccepted: false)
        #expect(driver.orders == [.receive])
    }

    @Test func `only some phases have a deadline`() {
        let lingering = Driver([.handshakeCompleted, .end(.finished)]).machine
        let draining = Driver([.handshakeCompleted, .unsent(1), .end(.finished)]).machine
        let unheard = Driver([.unsent(1), .sendFailed(.brokenPipe)]).machine
        #expect(Driver([.handshakeCompleted]).machine.deadline == nil)
        #expect(lingering.deadline == .linger)
        #expect(draining.deadline == .drain)
        #expect(unheard.deadline == .linger)
        #expect(Driver([.deadline]).machine.deadline == nil)
    }

    @Test func `bytes are processed only while they mean something`() {
        var open = Driver([.handshakeCompleted]).machine
        #expect(open.received(1) == true)
        var lingering = Driver([.handshakeCompleted, .end(.finished)]).machine
        #expect(lingering.received(1) == false)
        var ended = Driver([.handshakeCompleted]).machine
        #expect(ended.received(0) == false)
    }
}
