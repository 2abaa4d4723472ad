import Glibc

/// What the daemon knows of how it was started.
enum Environment {
    /// The directory of the daemon's own program, where its shim lies; nil without procfs.
    static var programDirectory: String? {
        let path = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { text in
            guard let start = text.baseAddress else { return "" }
            let length = readlink("/proc/self/exe", start, text.count)
            let bytes = text.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard let slash = path.lastIndex(of: "/") else { return nil }
        return String(path[..<slash])
    }

    /// The directory the daemon was started in; nil if it is gone.
    static var workingDirectory: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { text in
            getcwd(text.baseAddress, text.count).map { String(cString: $0) }
        }
    }

    /// Makes sure that descriptors 0 to 2 are taken.
    ///
    /// A daemon started with one of them closed would otherwise give its number to a socket or a
    /// log, and write its own lines there.
    static func openStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            // open(2) gives the lowest free number, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Raises the limit of descriptors as far as this process may.
    ///
    /// The soft limit is 1,024 by default for the sake of programs that use select(2). setrlimit(2).
    static func raiseDescriptorLimit() -> DescriptorLimit {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limits = rlimit()
        getrlimit(resource, &limits)
        let given = limits.rlim_cur
        limits.rlim_cur = limits.rlim_max
        let current = setrlimit(resource, &limits) == 0 ? limits.rlim_max : given
        return DescriptorLimit(current: Int(clamping: current), given: UInt64(given))
    }

    /// Lets a peer that is gone show as EPIPE, not as the end of the daemon; signal(7).
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
