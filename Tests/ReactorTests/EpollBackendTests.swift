import Testing

@testable import Reactor

/// What only the backend over epoll does.
@Suite struct EpollBackendTests {
    @Test func `work is done on the loop when no thread can be had`() throws {
        let backend = try EpollBackend { (_) throws(Errno) in throw .tooManyFiles }
        let reactor = Reactor(backend: backend, kernel: LinuxKernel())
        var answer: Int?
        reactor.perform(on: .files, { 7 }, then: { answer = $0 })
        #expect(answer == nil)
        try reactor.turn()
        #expect(answer == 7)
    }
}
