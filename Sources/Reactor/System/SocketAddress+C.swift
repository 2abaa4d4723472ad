import Glibc

extension SocketAddress {
    /// The family for socket(2).
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Lends out the C form.
    ///
    /// A Unix-domain path must fit into its 108 bytes. unix(7).
    func withCAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        var storage = sockaddr_storage()
        let length = try unsafe withUnsafeMutablePointer(to: &storage) {
            (pointer) throws(Errno) -> socklen_t in
            try unsafe fill(UnsafeMutableRawPointer(pointer))
        }
        return try unsafe withUnsafePointer(to: &storage) { (pointer) throws(Errno) in
            try unsafe body(
                UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), length)
        }
    }

    /// The C form on the heap, for calls that outlast the function that makes them.
    func makeCAddress() throws(Errno) -> Buffer {
        let buffer = Buffer(capacity: MemoryLayout<sockaddr_storage>.size)
        try unsafe withCAddress { (pointer, length) throws(Errno) in
            unsafe buffer.append(UnsafeRawBufferPointer(start: pointer, count: Int(length)))
        }
        return buffer
    }

    private func fill(_ storage: UnsafeMutableRawPointer) throws(Errno) -> socklen_t {
        switch self {
        case .ipv4(let address, let port):
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            form.sin_addr = in_addr(s_addr: address.bigEndian)
            return unsafe store(form, in: storage)
        case .ipv6(let address, let port):
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            form.sin6_addr = address.cAddress
            form.sin6_scope_id = address.scope
            return unsafe store(form, in: storage)
        case .unix(let path):
            var form = sockaddr_un()
            form.sun_family = sa_family_t(AF_UNIX)
            guard !path.utf8.contains(0) else { throw .invalidArgument }
            // The last byte stays zero.
            guard path.utf8.count < MemoryLayout.size(ofValue: form.sun_path) else {
                throw .nameTooLong
            }
            unsafe withUnsafeMutableBytes(of: &form.sun_path) {
                unsafe $0.copyBytes(from: path.utf8)
            }
            return unsafe store(form, in: storage)
        }
    }

    private func store<Form>(_ form: Form, in storage: UnsafeMutableRawPointer) -> socklen_t {
        unsafe storage.storeBytes(of: form, as: Form.self)
        return socklen_t(MemoryLayout<Form>.size)
    }

    /// Reads the C form that a call like getsockname(2) has filled in.
    static func filled(
        by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws(Errno)
            -> Void
    ) throws(Errno) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        try unsafe withUnsafeMutablePointer(to: &storage) { (pointer) throws(Errno) in
            try unsafe call(
                UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        return unsafe withUnsafeBytes(of: &storage) { unsafe SocketAddress(cAddress: $0) }
    }

    /// Reads the C form; what is neither IPv4 nor IPv6 is a Unix-domain socket.
    private init(cAddress: UnsafeRawBufferPointer) {
        switch Int32(unsafe cAddress.load(as: sa_family_t.self)) {
        case AF_INET:
            let form = unsafe cAddress.load(as: sockaddr_in.self)
            self = .ipv4(
                UInt32(bigEndian: form.sin_addr.s_addr), port: UInt16(bigEndian: form.sin_port))
        case AF_INET6:
            let form = unsafe cAddress.load(as: sockaddr_in6.self)
            self = .ipv6(
                IPv6Address(form.sin6_addr, scope: form.sin6_scope_id),
                port: UInt16(bigEndian: form.sin6_port))
        default:
            let path = unsafe cAddress.dropFirst(MemoryLayout<sa_family_t>.size)
            self = .unix(path: unsafe String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}
