import Reactor
import TestSupport
import Testing

@testable import Transport

/// Clients that take their time with a request, and answers that take theirs.
@Suite(.timeLimit(.minutes(10)))
struct GRPCStallTests {
    private static let patience = TransportLimits().grpc.requestDeadline

    /// A client played frame by frame answers no pings, and is not to be cut off for that.
    private static var limits: TransportLimits {
        var limits = TransportLimits()
        limits.grpc.keepaliveIdle = .seconds(3600)
        return limits
    }

    private func pairOfOneMessage() throws -> RawClientPair {
        try RawClientPair(limits: Self.limits) { call in SingleRequestCall(call) { $0.answer($1) } }
    }

    @Test func `a request that does not end is given up`() throws {
        let pair = try pairOfOneMessage()
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 0, 1, 7], stream: 1))
        try pair.pair.run(for: Self.patience - .seconds(1))
        #expect(pair.server.openCallCount == 1)
        try pair.pair.run(for: .seconds(1))
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "4")
        #expect(pair.client.trailers(of: 1)?["grpc-message"] == "the request did not end in time")
        #expect(pair.server.openCallCount == 0)
        #expect(!pair.pair.server.isClosed)
    }

    @Test func `a request that trickles is given up as well`() throws {
        let pair = try pairOfOneMessage()
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 255, 0], stream: 1))
        var seconds = 0
        while pair.client.trailers(of: 1) == nil, seconds < 200 {
            try pair.exchange(.data([1], stream: 1))
            try pair.pair.run(for: .seconds(1))
            seconds += 1
        }
        #expect(Duration.seconds(seconds) == Self.patience)
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "4")
    }

    @Test func `an answer may take longer than a request`() throws {
        var call: GRPCServerCall?
        let pair = try RawClientPair(limits: Self.limits) {
            SingleRequestCall($0) { made, _ in call = made.call }
        }
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 0, 1, 7], stream: 1, endsStream: true))
        try pair.pair.run(for: Self.patience + Self.patience)
        #expect(pair.server.openCallCount == 1)
        call?.finish(.ok)
        try pair.pair.settle()
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "0")
    }

    @Test func `a stream of requests may last`() throws {
        let pair = try RawClientPair(limits: Self.limits)
        try pair.open(1)
        try pair.pair.run(for: Self.patience + Self.patience)
        #expect(pair.server.openCallCount == 1)
    }
}
