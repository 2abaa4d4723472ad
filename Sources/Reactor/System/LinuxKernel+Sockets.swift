import CLinux
import Glibc

extension LinuxKernel {
    package func makeSocketPair() throws(Errno) -> SocketPair {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try retrying("socketpair") {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe socketpair(
                    AF_UNIX, Self.streamSocket, 0,
                    $0.assumingMemoryBound(to: Int32.self).baseAddress)
            }
        }
        return SocketPair(first: owned(ends.0), second: owned(ends.1))
    }

    package func listen(on address: SocketAddress, backlog: Int32) throws(Errno)
        -> OwnedDescriptor
    {
        let socket = try makeStreamSocket(for: address)
        // Connections of a former server in TIME_WAIT must not keep its successor out. socket(7).
        try set(socket.raw, SOL_SOCKET, SO_REUSEADDR, to: 1)
        try unsafe address.withCAddress { (pointer, length) throws(Errno) in
            _ = try retrying("bind") { unsafe bind(socket.raw, pointer, length) }
        }
        _ = try retrying("listen") { Glibc.listen(socket.raw, backlog) }
        return socket
    }

    package func localAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        try unsafe SocketAddress.filled { (pointer, length) throws(Errno) in
            _ = try retrying("getsockname") { unsafe getsockname(raw, pointer, length) }
        }
    }

    package func remoteAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        try unsafe SocketAddress.filled { (pointer, length) throws(Errno) in
            _ = try retrying("getpeername") { unsafe getpeername(raw, pointer, length) }
        }
    }

    package func makeStreamSocket(for address: SocketAddress) throws(Errno) -> OwnedDescriptor {
        owned(try retrying("socket") { socket(address.family, Self.streamSocket, 0) })
    }

    package func setNoDelay(_ raw: Int32) throws(Errno) {
        try setForTCP(raw, Int32(TCP_NODELAY), to: 1)
    }

    package func setNotSentLowWater(_ raw: Int32, bytes: Int32) throws(Errno) {
        try setForTCP(raw, Int32(TCP_NOTSENT_LOWAT), to: bytes)
    }

    package func unsentByteCount(of raw: Int32) -> Int {
        max(0, Int(clinux_unsent_bytes(raw)))
    }

    package func shutdownWrite(_ raw: Int32) throws(Errno) {
        _ = try retrying("shutdown") { shutdown(raw, Int32(SHUT_WR)) }
    }

    /// Non-blocking and close-on-exec from birth.
    private static let streamSocket =
        Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    /// A Unix-domain socket has no TCP to tune, which is no reason to treat it apart.
    private func setForTCP(_ raw: Int32, _ option: Int32, to value: Int32) throws(Errno) {
        do throws(Errno) {
            try set(raw, Int32(IPPROTO_TCP), option, to: value)
        } catch .notSupported {}
    }

    private func set(_ raw: Int32, _ level: Int32, _ option: Int32, to value: Int32) throws(Errno) {
        _ = try retrying("setsockopt") {
            unsafe withUnsafeBytes(of: value) {
                unsafe setsockopt(raw, level, option, $0.baseAddress, socklen_t($0.count))
            }
        }
    }
}
