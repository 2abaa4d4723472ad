import Reactor
import Testing

@testable import Transport

/// From a name to a socket: which addresses are tried, for how long, and what failure is told.
@Suite(.timeLimit(.minutes(10)))
struct ClientConnectorTests {
    private let start = Instant(nanoseconds: 1_000)
    private let first = SocketAddress.ipv4(1, port: 1)
    private let second = SocketAddress.ipv4(2, port: 1)

    private func makeMachine() throws -> ClientConnector.StateMachine {
        ClientConnector.StateMachine(
            endpoint: try Endpoint("host:1"), deadline: start + .seconds(10))
    }

    @Test func `addresses are tried in turn, each with its share of the time`() throws {
        var machine = try makeMachine()
        #expect(
            machine.resolved([first, second], at: start) == .connect(first, within: .seconds(5)))
        #expect(
            machine.attemptFailed(.connectionRefused, at: start + .seconds(1))
                == .connect(second, within: .seconds(9)))
        #expect(
            machine.attemptFailed(.connectionRefused, at: start + .seconds(2))
                == .give(up: .refused(endpoint: "host:1", .connectionRefused)))
    }

    @Test func `an attempt that was cancelled has taken too long`() throws {
        var machine = try makeMachine()
        _ = machine.resolved([first], at: start)
        #expect(
            machine.attemptFailed(.canceled, at: start + .seconds(10))
                == .give(up: .timedOut(endpoint: "host:1")))
    }

    @Test func `a name that took too long leaves no time`() throws {
        var machine = try makeMachine()
        #expect(
            machine.resolved([first], at: start + .seconds(11))
                == .give(up: .timedOut(endpoint: "host:1")))
    }

    @Test func `a name without addresses is unknown`() throws {
        var machine = try makeMachine()
        guard case .give(up: .unknownHost("host", _)) = machine.resolved([], at: start) else {
            Issue.record("tries nothing")
            return
        }
    }

    @Test(
        arguments: [
            ("localhost:9090", "localhost", 9090), ("127.0.0.1:1", "127.0.0.1", 1),
            ("[::1]:65535", "::1", 65_535), ("a_b.example.org:80", "a_b.example.org", 80),
        ] as [(String, String, UInt16)])
    func `an endpoint is read and written`(text: String, host: String, port: UInt16) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint.description == text)
    }

    @Test(arguments: [
        "", "localhost", "localhost:", ":9090", "localhost:0", "localhost:65536", "localhost:+1",
        "localhost:x", "::1:9090", "[::1]", "[localhost]:1", "a b:1", "http://a:1", "[]:1", "*:1",
    ])
    func `what is no endpoint is refused`(text: String) {
        #expect(throws: ConnectFailure.invalidEndpoint(text)) { try Endpoint(text) }
    }

    @Test func `a name is looked up, and the server must bear it`() throws {
        let loopback = try Loopback(TestAuthorities())
        loopback.onAccept = { $0.echoes = true }
        // getaddrinfo(3) reads this as 127.0.0.1; a chroot may not know localhost.
        let endpoint = Endpoint(host: "0x7f000001", port: loopback.endpoint.port)
        let client = try loopback.connect(to: endpoint)
        client.say([5])
        try loopback.run { client.received == [5] }
        #expect(client.control?.remoteAddress == loopback.address)
    }

    @Test func `nobody listens`() throws {
        let loopback = try Loopback(TestAuthorities())
        let endpoint = loopback.endpoint
        loopback.closeListener()
        let client = try loopback.connect(to: endpoint)
        try loopback.run { client.closeReason != nil }
        let failure = ConnectFailure.refused(endpoint: "\(endpoint)", .connectionRefused)
        #expect(client.closeReasons == [.connectFailed(failure)])
        #expect(client.establishedCount == 0)
    }

    @Test func `a name that does not exist`() throws {
        let loopback = try Loopback(TestAuthorities())
        // An empty label is no name, which is found out without asking a name server.
        let client = try loopback.connect(to: Endpoint(host: "nobody..invalid", port: 1))
        try loopback.run { client.closeReason != nil }
        guard case .connectFailed(.unknownHost("nobody..invalid", _))? = client.closeReason else {
            Issue.record("\(String(describing: client.closeReason))")
            return
        }
    }

    @Test func `a lookup that never ends is given up`() throws {
        var limits = TransportLimits()
        limits.connectDeadline = .zero
        let loopback = try Loopback(TestAuthorities(), limits: limits)
        let client = try loopback.connect(to: Endpoint(host: "localhost", port: 1))
        try loopback.run { client.closeReason != nil && loopback.reactor.isIdle == false }
        #expect(client.closeReasons == [.connectFailed(.timedOut(endpoint: "localhost:1"))])
    }
}
