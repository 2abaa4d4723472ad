import Glibc
import Reactor

/// Looks up the addresses of an endpoint; it may wait for a name server, so it is for a worker.
///
/// The order is getaddrinfo(3)'s, which is that of RFC 6724.
func resolve(_ endpoint: Endpoint) -> Result<[SocketAddress], ConnectFailure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_NUMERICSERV
    var first: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &first)
    guard code == 0 else {
        let reason = unsafe String(cString: gai_strerror(code))
        return .failure(.unknownHost(endpoint.host, reason: reason))
    }
    defer { unsafe freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = unsafe first
    while let entry = unsafe next {
        if let address = unsafe numericAddress(entry.pointee, port: endpoint.port) {
            addresses.append(address)
        }
        unsafe next = entry.pointee.ai_next
    }
    return .success(addresses)
}

/// Goes by way of the text form, which the reactor's addresses can read.
private func numericAddress(_ entry: addrinfo, port: UInt16) -> SocketAddress? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
        let code = unsafe getnameinfo(
            entry.ai_addr, entry.ai_addrlen, text.baseAddress, socklen_t(text.count), nil, 0,
            NI_NUMERICHOST)
        guard code == 0, let start = text.baseAddress else { return nil }
        let host = unsafe String(cString: start)
        return SocketAddress(parsing: Endpoint(host: host, port: port).description)
    }
}
