import Reactor
import Testing
import Transport

/// A sending key is renewed when it is worn, and a peer that renews without end is cut off.
struct TLSKeyUpdateTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    /// A pair whose every message brings a new key.
    private func makeRestlessPair() throws -> TLSPair {
        var limits = TransportLimits()
        limits.bytesPerSendingKey = 1
        let pair = try authorities.goodPair(limits: limits)
        pair.run()
        return pair
    }

    @Test func `data goes on under a new key`() throws {
        let pair = try makeRestlessPair()
        for round in 0..<60 {
            pair.exchange(fromClient: [UInt8(round), 1], fromServer: [2, UInt8(round)])
        }
        #expect(pair.server.received == (0..<60).flatMap { [UInt8($0), 1] })
        #expect(pair.client.received == (0..<60).flatMap { [2, UInt8($0)] })
    }

    @Test func `a key that is not worn stays`() throws {
        let pair = try authorities.goodPair()
        pair.run()
        pair.client.say([1])
        #expect(pair.client.unsentCount == 1 + 22)
    }

    @Test func `the sixty-fifth update in a minute is one too many`() throws {
        let pair = try makeRestlessPair()
        for _ in 0..<64 {
            pair.client.say([1, 2])
        }
        pair.run()
        #expect(pair.server.failure == nil)
        pair.client.say([1, 2])
        pair.run()
        #expect(pair.server.failure == .tooManyKeyUpdates)
        #expect(pair.server.received.count == 128)
    }

    @Test func `after a minute there may be more`() throws {
        let pair = try makeRestlessPair()
        for _ in 0..<64 {
            pair.client.say([1, 2])
        }
        pair.run()
        pair.server.now = pair.server.now + .seconds(60)
        for _ in 0..<64 {
            pair.client.say([3, 4])
        }
        pair.run()
        #expect(pair.server.failure == nil)
        #expect(pair.server.received.count == 256)
    }
}
