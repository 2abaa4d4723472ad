import Reactor

/// A socket that listens, with the connections nobody has accepted yet.
struct Listener: Sendable {
    let backlog: Int
    var waiting: [OpenFile.Kind] = []
}

/// Addresses, listening and connecting.
extension MachineState {
    mutating func listen(on address: SocketAddress, backlog: Int32) throws(Errno) -> Int32 {
        let bound = address.port == 0 ? address.withPort(freePort()) : address
        guard listeners[bound] == nil else { throw .addressInUse }
        let raw = try open(.listener(bound))
        listeners[bound] = Listener(backlog: Int(backlog))
        return raw
    }

    /// From the range Linux takes them from; ip(7), ip_local_port_range.
    private mutating func freePort() -> UInt16 {
        while true {
            let port = UInt16.random(in: 32_768...60_999, using: &random)
            if !listeners.keys.contains(where: { $0.port == port }) { return port }
        }
    }

    mutating func connect(_ raw: Int32, to address: SocketAddress) throws(Errno) {
        guard var listener = listeners[address] else { throw .connectionRefused }
        // A full backlog drops the first packet of the connection, which is sent again later.
        guard listener.waiting.count < listener.backlog else { throw .again }
        let (there, back) = (makeQueue(), makeQueue())
        let local = address.port == nil ? address : address.withPort(freePort())
        openFiles[fileID(raw)]?.kind = .stream(
            incoming: back, outgoing: there, local: local, remote: address)
        listener.waiting.append(
            .stream(incoming: there, outgoing: back, local: address, remote: local))
        listeners[address] = listener
    }

    mutating func accept(_ raw: Int32) throws(Errno) -> Int32 {
        guard case .listener(let address) = file(raw).kind else { throw .invalidArgument }
        guard let first = listeners[address]?.waiting.first else { throw .again }
        // Without a free descriptor the connection goes on waiting. accept(2).
        guard descriptors.count < descriptorsMax else { throw .tooManyFiles }
        listeners[address]?.waiting.removeFirst()
        return try open(first)
    }

    mutating func closeListener(_ address: SocketAddress) {
        guard let listener = listeners.removeValue(forKey: address) else { return }
        for case .stream(let incoming, let outgoing, _, _) in listener.waiting {
            for case .some(let id) in [incoming, outgoing] { queues[id]?.isReset = true }
        }
    }

    func localAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        switch file(raw).kind {
        case .listener(let address): return address
        case .stream(_, _, let local?, _): return local
        default: throw .invalidArgument
        }
    }

    func remoteAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        guard case .stream(_, _, _, let remote?) = file(raw).kind else { throw .notConnected }
        return remote
    }

    mutating func shutdownWrite(_ raw: Int32) throws(Errno) {
        guard case .stream(let incoming, let outgoing, let local, let remote) = file(raw).kind
        else { throw .notConnected }
        guard let outgoing else { return }
        closeWriter(of: outgoing)
        openFiles[fileID(raw)]?.kind = .stream(
            incoming: incoming, outgoing: nil, local: local, remote: remote)
    }
}

extension SocketAddress {
    /// The same address with another port.
    fileprivate func withPort(_ port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let address, _): .ipv4(address, port: port)
        case .ipv6(let address, _): .ipv6(address, port: port)
        case .unix: self
        }
    }
}
