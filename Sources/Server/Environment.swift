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

    /// Lets a peer that is gone show as EPIPE, not as the end of the daemon; signal(7).
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
