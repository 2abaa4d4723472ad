import Glibc
import Synchronization

/// One connection through the proxy, on a thread of its own.
struct ProxiedLine {
    let client: Int32
    let server: Int32
    let control: Int32
    let cut: Cut?
    let hub: CuttingProxy.Hub

    /// Connects to the server; without one the client is let go at once.
    init?(client: Int32, cut: Cut?, control: Pipe, hub: CuttingProxy.Hub) {
        guard let server = hub.connectToServer() else {
            close(client)
            return nil
        }
        self.client = client
        self.server = server
        self.control = control.read
        self.cut = cut
        self.hub = hub
    }

    /// Passes bytes on until an end closes, or the line is cut.
    func run() {
        var bytesLeft = cut?.byteCount ?? .max
        while true {
            let ready = waitForAny([control, client, server])
            if ready[0] { return end(as: commanded) }
            if ready[1] {
                guard let count = pass(from: client, to: server, upTo: 65_536) else { break }
                hub.came(fromClient: count)
            }
            if ready[2] {
                let most = min(bytesLeft, 65_536)
                guard let count = pass(from: server, to: client, upTo: most) else { break }
                bytesLeft -= count
            }
            if let cut, bytesLeft == 0 {
                hub.state.withLock { $0.cutCount += 1 }
                return end(as: cut.kind)
            }
        }
        end(as: .finish)
    }

    private var commanded: Cut.Kind {
        var byte: UInt8 = 0
        _ = read(control, &byte, 1)
        return Cut.Kind(rawValue: byte) ?? .finish
    }

    private func end(as kind: Cut.Kind) {
        switch kind {
        case .reset:
            // A linger of nothing makes close(2) send a reset. socket(7)
            var now = linger(l_onoff: 1, l_linger: 0)
            for end in [client, server] {
                let size = socklen_t(MemoryLayout<linger>.size)
                setsockopt(end, SOL_SOCKET, SO_LINGER, &now, size)
            }
        case .finish:
            // With unread bytes close(2) would reset instead.
            for end in [client, server] { shutdown(end, Int32(SHUT_WR)) }
            swallow(from: [client, server])
        case .blackHole:
            swallow(from: [client])
        }
        close(client)
        close(server)
    }

    /// Reads and forgets until each of the ends has closed, or the line is commanded to end.
    private func swallow(from ends: [Int32]) {
        var open = ends
        while !open.isEmpty {
            let ready = waitForAny([control] + open)
            if ready[0] { return }
            open = zip(open, ready.dropFirst()).filter { end, isReady in
                guard isReady else { return true }
                var bytes = [UInt8](repeating: 0, count: 65_536)
                return read(end, &bytes, bytes.count) > 0
            }.map(\.0)
        }
    }

    private func waitForAny(_ descriptors: [Int32]) -> [Bool] {
        var waiting = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&waiting, nfds_t(waiting.count), -1)
        return waiting.map { $0.revents != 0 }
    }

    /// Moves what is there; nil when one of the ends is closed.
    private func pass(from source: Int32, to target: Int32, upTo most: Int) -> Int? {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = read(source, &bytes, most)
        guard count > 0 else { return nil }
        var sent = 0
        while sent < count {
            let more = bytes[sent..<count].withUnsafeBytes {
                send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard more > 0 else { return nil }
            sent += more
        }
        return count
    }
}
