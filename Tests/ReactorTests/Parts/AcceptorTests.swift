import Glibc
import Testing

@testable import Reactor

/// The life of a request that accepts again and again, as a story.
@Suite struct AcceptorTests {
    private let kernel = LinuxKernel()
    private let first = Token(index: 1, generation: 0)
    private let second = Token(index: 2, generation: 0)

    @Test func `a connection that comes while nobody asks waits, and the request ends`() throws {
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 1)
        let acceptor = Acceptor(listener.raw)
        let pipe = try kernel.makePipe()
        #expect(acceptor.ask(first) == nil)
        #expect(acceptor.nextOrder() == .begin && acceptor.nextOrder() == nil)
        let answer = acceptor.completed(.success(900), isLast: false)
        #expect(answer?.token == first && answer?.outcome == .success(900))
        let early = Int(pipe.read.release())
        #expect(acceptor.completed(.success(early), isLast: false) == nil)
        #expect(acceptor.nextOrder() == .end && acceptor.nextOrder() == nil)
        #expect(acceptor.completed(.failure(.canceled), isLast: true) == nil)
        #expect(!acceptor.isOver)

        let late = acceptor.ask(second)
        #expect(late?.token == second && late?.outcome == .success(early))
        #expect(acceptor.isOver)
        kernel.close(Int32(early))
    }

    @Test func `it begins again for who asks while it ends`() throws {
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 1)
        let acceptor = Acceptor(listener.raw)
        _ = acceptor.ask(first)
        #expect(acceptor.nextOrder() == .begin)
        _ = acceptor.completed(.success(900), isLast: false)
        #expect(acceptor.nextOrder() == .end)
        #expect(acceptor.ask(second) == nil)
        #expect(acceptor.nextOrder() == nil)
        #expect(acceptor.completed(.failure(.canceled), isLast: true) == nil)
        #expect(acceptor.nextOrder() == .begin)
    }

    @Test func `who cancels is answered when the kernel has let go, and gets nothing`() throws {
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 1)
        let acceptor = Acceptor(listener.raw)
        let pair = try kernel.makeSocketPair()
        _ = acceptor.ask(first)
        #expect(acceptor.nextOrder() == .begin)
        #expect(!acceptor.cancel(second) && acceptor.cancel(first))
        #expect(acceptor.nextOrder() == .end)
        let crossing = Int(pair.first.release())
        #expect(acceptor.completed(.success(crossing), isLast: false) == nil)
        let answer = acceptor.completed(.failure(.canceled), isLast: true)
        #expect(answer?.outcome == .failure(.canceled) && acceptor.isOver)
        var byte: UInt8 = 0
        #expect(recv(pair.second.raw, &byte, 1, Int32(MSG_DONTWAIT)) == 0, "it is closed")
    }

    @Test func `it is over when its socket is closed and nobody asks`() throws {
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 1)
        let acceptor = Acceptor(listener.raw)
        _ = acceptor.ask(first)
        #expect(acceptor.nextOrder() == .begin)
        _ = acceptor.completed(.success(900), isLast: false)
        let pipe = try kernel.makePipe()
        _ = acceptor.completed(.success(Int(pipe.read.release())), isLast: true)
        #expect(!acceptor.isOver && acceptor.isCurrent)
        kernel.close(listener.release())
        #expect(acceptor.isOver)
    }
}
