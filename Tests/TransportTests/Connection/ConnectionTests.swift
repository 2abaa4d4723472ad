import Reactor
import Testing

@testable import Transport

/// Connections over real sockets: what arrives, in which order things end, and who is told what.
@Suite(.timeLimit(.minutes(10)))
struct ConnectionTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    @Test(arguments: [true, false])
    func `megabytes go both ways and arrive whole`(isEncrypted: Bool) throws {
        let loopback = try Loopback(authorities, isEncrypted: isEncrypted)
        loopback.onAccept = { $0.echoes = true }
        let client = try loopback.connect()
        let message = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        client.say(message)
        try loopback.run { client.received.count >= message.count }
        #expect(client.received == message)
        #expect(client.establishedCount == 1)
        #expect(loopback.accepted[0].establishedCount == 1)
        #expect((loopback.accepted[0].peer != nil) == isEncrypted)
        #expect((client.security != nil) == isEncrypted)
    }

    @Test(arguments: [true, false])
    func `tiny buffers only cost time`(isEncrypted: Bool) throws {
        var limits = TransportLimits()
        limits.receiveBufferBytes = 100
        limits.sendBufferBytes = 30_000
        limits.unsentBytesWhileReading = 1_000
        limits.buffersKept = 1
        let loopback = try Loopback(authorities, isEncrypted: isEncrypted, limits: limits)
        loopback.onAccept = { $0.echoes = true }
        let client = try loopback.connect()
        let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        client.say(message)
        try loopback.run { client.received.count >= message.count }
        #expect(client.received == message)
    }

    @Test func `a restless key is renewed under way`() throws {
        var limits = TransportLimits()
        limits.bytesPerSendingKey = 500_000
        let loopback = try Loopback(authorities, limits: limits)
        loopback.onAccept = { $0.echoes = true }
        let client = try loopback.connect()
        let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        client.say(message)
        try loopback.run { client.received.count >= message.count }
        #expect(client.received == message)
    }

    @Test func `an idle connection holds no buffers`() throws {
        let loopback = try Loopback(authorities)
        loopback.onAccept = { $0.echoes = true }
        let client = try loopback.connect()
        client.say([1, 2, 3])
        try loopback.run { client.received == [1, 2, 3] }
        // What was taken from the pools has come back: nothing is borrowed for the wait.
        let resources = [loopback.serverResources, loopback.clientResources]
        for connection in [client, loopback.accepted[0]].map({ $0.control as? Connection }) {
            let connection = try #require(connection)
            try loopback.run { !connection.machine.isSending }
            #expect(connection.incoming == nil)
            #expect(connection.outgoing == nil)
        }
        #expect(resources.allSatisfy { $0.receiveBuffers.keptCount > 0 })
        #expect(resources.allSatisfy { $0.sendBuffers.keptCount > 0 })
    }

    @Test func `who is finished sends everything and then closes`() throws {
        let loopback = try Loopback(authorities)
        let answer = [UInt8](repeating: 9, count: 3_000_000)
        loopback.onAccept = { server in
            server.onReceive = {
                server.say(answer)
                server.finishesWhenSaid = true
            }
        }
        let client = try loopback.connect()
        client.say([1])
        try loopback.run { client.closeReason != nil && loopback.accepted[0].closeReason != nil }
        #expect(client.received == answer)
        #expect(client.closeReasons == [.peerClosed])
        #expect(loopback.accepted[0].closeReasons == [.finished])
    }

    @Test func `closing for a reason leaves time for a last word`() throws {
        let loopback = try Loopback(authorities)
        loopback.onAccept = { server in
            server.onReceive = {
                server.lastWord = Array("goaway".utf8)
                server.control?.close(.protocolError("nonsense"))
                server.control?.close(.idle)
            }
        }
        let client = try loopback.connect()
        client.say([1])
        try loopback.run { client.closeReason != nil && loopback.accepted[0].closeReason != nil }
        #expect(client.received == Array("goaway".utf8))
        #expect(client.closeReasons == [.peerClosed])
        #expect(loopback.accepted[0].closeReasons == [.protocolError("nonsense")])
    }

    @Test func `a dead peer gets no last word`() throws {
        let loopback = try Loopback(authorities)
        loopback.onAccept = { server in
            server.onReceive = {
                server.lastWord = Array("goaway".utf8)
                server.control?.close(.keepaliveTimeout)
            }
        }
        let client = try loopback.connect()
        client.say([1])
        try loopback.run { client.closeReason != nil && loopback.accepted[0].closeReason != nil }
        #expect(client.received.isEmpty)
        #expect(loopback.accepted[0].closeReasons == [.keepaliveTimeout])
    }

    @Test func `nothing is delivered after the application has closed`() throws {
        let loopback = try Loopback(authorities)
        loopback.onAccept = { server in
            server.onReceive = { server.control?.close(.protocolError("enough")) }
        }
        let client = try loopback.connect()
        client.say([UInt8](repeating: 1, count: 200_000))
        try loopback.run { loopback.accepted.first?.closeReason != nil }
        #expect(loopback.accepted[0].received.count <= 16_384, "one record")
    }

    @Test func `who does not read is not read`() throws {
        let loopback = try Loopback(authorities, isEncrypted: false)
        loopback.onAccept = { server in
            server.onReceive = {
                server.onReceive = nil
                server.say([UInt8](repeating: 2, count: 20_000_000))
            }
        }
        let peer = try StubbornPeer(of: loopback)
        try peer.send([1])
        // Once the kernel takes no more, what the server has to say stays with the server.
        try loopback.run { loopback.accepted.first?.received == [1] }
        let server = loopback.accepted[0]
        try loopback.runSeveralTurns()
        #expect(server.unsaidCount > 0)
        try peer.send([UInt8](repeating: 1, count: 100_000))
        try loopback.runSeveralTurns()
        #expect(server.received == [1])
        try peer.receive(untilCount: 20_000_000)
        try loopback.run { server.received.count == 100_001 }
    }

    @Test func `who does not read makes the server hold half a batch at most`() throws {
        let loopback = try Loopback(authorities, isEncrypted: false)
        let message = [UInt8](repeating: 2, count: 20_000_000)
        loopback.onAccept = { server in
            server.onReceive = { server.say(message) }
        }
        let peer = try StubbornPeer(of: loopback)
        try peer.send([1])
        try loopback.run { loopback.accepted.first?.received == [1] }
        let server = loopback.accepted[0]
        try loopback.runSeveralTurns()
        let connection = try #require(server.control as? Connection)
        let resources = loopback.serverResources
        #expect(connection.unsentCount > 0)
        #expect(connection.unsentCount <= resources.limits.sendBufferBytes / 2)
        #expect(resources.sendBuffers.lentCount == 0, "it waits in a buffer of its own size")
        try peer.receive(untilCount: message.count)
        #expect(peer.received == message.count)
    }

    @Test func `everything is quiet once all is closed`() throws {
        let loopback = try Loopback(authorities)
        let client = try loopback.connect()
        try loopback.run { loopback.accepted.first?.control != nil && client.control != nil }
        client.control?.close(.finished)
        loopback.accepted[0].control?.close(.shutdown)
        try loopback.run { client.closeReason != nil && loopback.accepted[0].closeReason != nil }
        loopback.closeListener()
        try loopback.run { loopback.reactor.isIdle }
        #expect(client.closeReasons == [.finished])
        #expect(loopback.accepted[0].closeReasons == [.shutdown])
    }
}
