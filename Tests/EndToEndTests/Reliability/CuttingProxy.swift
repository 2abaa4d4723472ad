import Foundation
import Synchronization

/// A TCP proxy before a daemon that cuts lines: by plan, or when a test says so.
///
/// It knows nothing of TLS: a cut may fall into a handshake, a record or a header, as in real life.
final class CuttingProxy {
    /// `127.0.0.1:PORT`.
    let address: String

    private let hub: Hub

    /// What the accepting thread, the lines' threads and the test share.
    final class Hub: Sendable {
        struct State {
            var plan: [Cut]
            /// The port of the server.
            var backend: UInt16
            /// Write ends of pipes: a byte in one cuts its line.
            var controls: [Int32] = []
            var lineCount = 0
            /// Of the newest line.
            var bytesFromClient = 0
            var cutCount = 0
        }

        let state: Mutex<State>
        let listener: Int32
        /// A byte goes through whenever something has happened that a test may wait for.
        let news: Pipe

        init(plan: [Cut], backend: UInt16, listener: Int32) throws {
            state = Mutex(State(plan: plan, backend: backend))
            self.listener = listener
            news = try Pipe()
            // A full pipe holds news enough, and must not hold up a line.
            _ = fcntl(news.write, F_SETFL, O_NONBLOCK)
        }
    }

    /// Stands before the server at a port of this host; `plan` has a cut for each line, in the order
    /// of their coming, and the rest are left alone.
    init(before port: String, plan: [Cut] = []) throws {
        guard let backend = UInt16(port) else { throw EndToEndFailure("no port: \(port)") }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var here = sockaddr_in(loopback: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutableBytes(of: &here) { bytes in
            let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return address.map {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening == true else { throw EndToEndFailure("the proxy cannot listen") }
        address = "127.0.0.1:\(UInt16(bigEndian: here.sin_port))"
        hub = try Hub(plan: plan, backend: backend, listener: listener)
        Thread.detachNewThread { [hub] in hub.acceptLines() }
    }

    deinit {
        // Wakes accept(2); the thread then closes what it has.
        shutdown(hub.listener, Int32(SHUT_RDWR))
        cut(.finish)
    }

    /// New lines go to another port from now on.
    func lead(to port: String) throws {
        guard let backend = UInt16(port) else { throw EndToEndFailure("no port: \(port)") }
        hub.state.withLock { $0.backend = backend }
    }

    /// Cuts every line there is.
    func cut(_ kind: Cut.Kind) {
        for control in hub.state.withLock({ $0.controls }) { hub.send(kind.rawValue, to: control) }
    }

    /// How many lines have been cut so far, by plan.
    var cutCount: Int { hub.state.withLock { $0.cutCount } }
    /// How many clients have come so far.
    var lineCount: Int { hub.state.withLock { $0.lineCount } }
    /// How much the client of the newest line has sent so far.
    var bytesFromClient: Int { hub.state.withLock { $0.bytesFromClient } }

    /// Waits until a client has come after so many others, and sent so many bytes.
    func waitForClient(
        after others: Int, toSend count: Int, by deadline: Deadline = .generous
    ) throws {
        while hub.state.withLock({ $0.lineCount <= others || $0.bytesFromClient < count }) {
            var waiting = pollfd(fd: hub.news.read, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, deadline.remainingMilliseconds) > 0 else {
                throw EndToEndFailure("\(bytesFromClient) of \(count) bytes came from the client")
            }
            var bytes = [UInt8](repeating: 0, count: 4096)
            _ = read(hub.news.read, &bytes, bytes.count)
        }
    }
}

/// How and when a line goes dead.
struct Cut: Sendable {
    enum Kind: UInt8, CaseIterable, Sendable {
        /// RST to both ends.
        case reset
        /// FIN to both ends.
        case finish
        /// Nothing goes through any more, and nobody is told.
        case blackHole
    }

    let kind: Kind
    /// After so many bytes from the server.
    let byteCount: Int
}

extension CuttingProxy.Hub {
    func acceptLines() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            guard let control = try? Pipe() else {
                close(client)
                continue
            }
            let cut = state.withLock { state in
                state.controls.append(control.write)
                state.lineCount += 1
                state.bytesFromClient = 0
                return state.plan.isEmpty ? nil : state.plan.removeFirst()
            }
            Thread.detachNewThread { [self] in
                ProxiedLine(client: client, cut: cut, control: control, hub: self)?.run()
                forget(control)
            }
        }
        close(listener)
    }

    /// A new connection to the server; nil if it is not there.
    func connectToServer() -> Int32? {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var there = sockaddr_in(loopback: state.withLock { $0.backend })
        let isConnected = withUnsafeBytes(of: &there) { bytes in
            bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.map {
                connect(server, $0, socklen_t(bytes.count)) == 0
            }
        }
        guard isConnected == true else {
            close(server)
            return nil
        }
        return server
    }

    func came(fromClient count: Int) {
        state.withLock { $0.bytesFromClient += count }
        send(0, to: news.write)
    }

    func send(_ byte: UInt8, to pipe: Int32) {
        var byte = byte
        _ = write(pipe, &byte, 1)
    }

    private func forget(_ control: Pipe) {
        state.withLock { $0.controls.removeAll { $0 == control.write } }
        close(control.read)
        close(control.write)
    }
}

extension sockaddr_in {
    /// A port of 127.0.0.1.
    fileprivate init(loopback port: UInt16) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = port.bigEndian
        sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    }
}
