import Transport

/// Every number cmdctl obeys, with its reason.
enum Limits {
    /// What a simple question may take: a server that needs longer is in trouble.
    static let callTimeout = Duration.seconds(10)
    /// Added to the grace of a stop: killing, draining the pipes and sealing the log take time, too.
    static let stopMargin = Duration.seconds(15)
    /// What the transport obeys; a client may take more at once than a server.
    static let transport: TransportLimits = {
        var limits = TransportLimits()
        limits.grpc = .client
        limits.http2 = .client
        return limits
    }()
    /// A thousand contexts fit; what is larger is some other file.
    static let contextFileBytes = 1 << 20
    /// The server's own bound for a page of a list.
    static let listPage = 1000
    /// Jobs shown by `list` unless it is told otherwise: some screens full.
    static let listDefault = 100
    /// Output handed to one write: a message's worth, so that a message needs one.
    static let writeBytes = 65_536
    /// Up to here a write gets a buffer of its own size: a message may hold 256 tiny runs.
    static let smallWriteBytes = 4096
}
