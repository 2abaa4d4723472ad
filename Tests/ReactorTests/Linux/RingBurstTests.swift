import Foundation
import Glibc
import TestSupport
import Testing

@testable import Reactor

/// Connections that come at once, before anybody asks for them: who gets them, and how many of them
/// a ring takes out of the backlog, where they cost this process nothing.
@Suite(.timeLimit(.minutes(10))) struct RingBurstTests {
    private static let burst = 40

    @Test(arguments: [1024, ReactorLimits.descriptorsForBursts])
    func `a burst of connections goes to those who ask, in its order`(descriptors: Int) throws {
        let scene = try Scene(entries: 8, descriptors: descriptors)
        #expect(try (0..<Self.burst).map { _ in try scene.accept() } == scene.ports)
    }

    @Test func `with few descriptors, only what is asked for is accepted`() throws {
        let scene = try Scene(
            entries: 64, descriptors: ReactorLimits.descriptorsForBursts - 1)
        for _ in 0..<3 {
            _ = try scene.accept()
            #expect(try scene.countAhead() == 0)
        }
    }

    @Test func `with many, no more is taken ahead than there is room for completions`() throws {
        let entries: UInt32 = 4
        let scene = try Scene(entries: entries, descriptors: ReactorLimits.descriptorsForBursts)
        let room = Int(entries * ReactorLimits.completionsPerRequest)
        // How many the kernel takes before it says so differs from one to the next, and may be one.
        for _ in 0..<Self.burst {
            _ = try scene.accept()
            #expect(try scene.countAhead() <= room)
        }
    }

    /// A listener with connections in its backlog, and a loop that takes them out.
    private final class Scene {
        /// Of the clients, in their order.
        private(set) var ports: [UInt16?] = []
        private let kernel = LinuxKernel()
        private let reactor: Reactor
        private let listener: OwnedDescriptor
        private var clients: [Int32] = []

        init(entries: UInt32, descriptors: Int) throws {
            let backend = try IOUringBackend(entries: entries, descriptors: descriptors)
            reactor = Reactor(backend: backend, kernel: kernel)
            listener = try kernel.listen(on: .loopback(port: 0), backlog: Int32(burst))
            let address = try kernel.localAddress(of: listener.raw)
            let machine = try Machine(.epoll)
            for _ in 0..<burst {
                let client = try kernel.makeStreamSocket(for: address)
                try machine.complete(.connect(client.raw, address))
                ports.append(try kernel.localAddress(of: client.raw).port)
                clients.append(client.release())
            }
        }

        deinit {
            clients.forEach(kernel.close)
        }

        /// Accepts a connection, and closes it; answers its client's port.
        func accept() throws -> UInt16? {
            var outcome: Outcome?
            reactor.submit(.accept(listener: listener.raw)) { outcome = $0 }
            var isOverdue = false
            let watchdog = reactor.schedule(after: .seconds(30)) { isOverdue = true }
            defer { reactor.cancel(watchdog) }
            while outcome == nil {
                if isOverdue { throw Machine.Overdue() }
                try reactor.turn()
            }
            let accepted = kernel.owned(Int32(try outcome?.get() ?? -1))
            return try kernel.remoteAddress(of: accepted.raw).port
        }

        /// How many connections have left the backlog, but for those that were asked for.
        ///
        /// They have a socket, which shows by its inode. proc_net(5), tcp.
        func countAhead() throws -> Int {
            let port = try kernel.localAddress(of: listener.raw).port ?? 0
            let local = "0100007F:" + String(format: "%04X", port)
            let table = try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)
            return table.split(separator: "\n").count { line in
                let fields = line.split(separator: " ")
                return fields[1] == local && fields[2] != "00000000:0000" && fields[9] != "0"
            }
        }
    }
}
