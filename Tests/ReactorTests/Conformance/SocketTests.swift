import Reactor
import Simulator
import TestSupport
import Testing

/// Listening, connecting and accepting.
@Suite(.timeLimit(.minutes(10))) struct SocketTests {
    @Test(arguments: MachineKind.all)
    func `a connection is accepted and knows both its addresses`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 8)
        let address = try kernel.localAddress(of: listener.raw)
        #expect(address.port != 0)

        let client = try kernel.makeStreamSocket(for: address)
        try kernel.setNoDelay(client.raw)
        try kernel.setNotSentLowWater(client.raw, bytes: 128 << 10)
        try machine.complete(.connect(client.raw, address))
        let accepted = try machine.complete(.accept(listener: listener.raw))
        let server = OwnedDescriptor(Int32(accepted), of: kernel)
        let (there, here) = (client.raw, server.raw)
        #expect(try kernel.remoteAddress(of: there) == address)
        #expect(try kernel.localAddress(of: here) == address)
        #expect(try kernel.remoteAddress(of: here) == kernel.localAddress(of: there))

        try machine.complete(.send(client.raw, from: Buffer("hello")))
        let buffer = Buffer(capacity: 10)
        try machine.complete(.receive(server.raw, into: buffer))
        #expect(buffer.text == "hello")
        #expect(kernel.unsentByteCount(of: client.raw) == 0)
    }

    @Test func `what a peer does not take is counted as unsent`() throws {
        let machine = try Machine(.epoll)
        let kernel = machine.kernel
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 8)
        let address = try kernel.localAddress(of: listener.raw)
        let client = try kernel.makeStreamSocket(for: address)
        try machine.complete(.connect(client.raw, address))
        let flood = Buffer(capacity: 64 << 20)
        flood.commit(flood.capacity)
        let taken = try machine.complete(.send(client.raw, from: flood))
        #expect(0 < kernel.unsentByteCount(of: client.raw))
        #expect(kernel.unsentByteCount(of: client.raw) <= taken)
    }

    @Test(arguments: MachineKind.all)
    func `an accept waits for a connection`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let listener = try machine.kernel.listen(on: .loopback(port: 0), backlog: 8)
        let address = try machine.kernel.localAddress(of: listener.raw)
        var accepted: Outcome?
        machine.reactor.submit(.accept(listener: listener.raw)) { accepted = $0 }
        var hasPassed = false
        machine.reactor.schedule(after: .milliseconds(5)) { hasPassed = true }
        try machine.turn { hasPassed }
        #expect(accepted == nil)

        let client = try machine.kernel.makeStreamSocket(for: address)
        try machine.complete(.connect(client.raw, address))
        try machine.turn { accepted != nil }
        machine.kernel.close(Int32(try #require(accepted).get()))
    }

    @Test(arguments: MachineKind.all)
    func `an address in use and one where nobody listens are told apart`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 8)
        let address = try kernel.localAddress(of: listener.raw)
        #expect(throws: Errno.addressInUse) {
            _ = try kernel.listen(on: address, backlog: 8).release()
        }

        // A port that is free now may be another test's in a moment; a path is ours.
        let path = SocketAddress.unix(path: machine.path("abandoned"))
        kernel.close(try kernel.listen(on: path, backlog: 8).release())
        let client = try kernel.makeStreamSocket(for: path)
        let outcome = try machine.outcome(of: .connect(client.raw, path))
        #expect(outcome == .failure(.connectionRefused))
    }

    @Test(arguments: MachineKind.all)
    func `a socket in the file system`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let address = SocketAddress.unix(path: machine.path("socket"))
        let listener = try machine.kernel.listen(on: address, backlog: 8)
        let (raw, buffer) = (listener.raw, Buffer(capacity: 1))
        #expect(try machine.kernel.localAddress(of: raw) == address)
        let client = try machine.kernel.makeStreamSocket(for: address)
        try machine.kernel.setNoDelay(client.raw)
        try machine.complete(.connect(client.raw, address))
        machine.kernel.close(Int32(try machine.complete(.accept(listener: raw))))
        let end = try machine.complete(.receive(client.raw, into: buffer))
        #expect(end == 0)
    }
}
