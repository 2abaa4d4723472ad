import Transport

/// Every number cmdctl obeys, with its reason.
enum Limits {
    /// What a simple question may take: a server that needs longer is in trouble.
    static let callTimeout = Duration.seconds(10)
    /// Added to the grace of a stop: killing, draining the pipes and sealing the log take time, too.
    static let stopMargin = Duration.seconds(15)
    /// The longest pause before the first attempt to reconnect; it doubles from there.
    ///
    /// A daemon that is restarted is back in less than a second.
    static let reconnectPause = Duration.milliseconds(100)
    /// Where it stops to double: nobody minds that much after a reboot.
    ///
    /// Ten thousand followers, each after half of it in the mean, knock four thousand times a second
    /// and not more. A connection that held as long has proven itself.
    static let reconnectPauseMax = Duration.seconds(5)
    /// What a server may tell a client to wait; an odd number must not park it for a century.
    static let retryDelayMax = Duration.seconds(60)
    /// An outage that lasts longer is no restart, and not even a reboot of most hosts.
    static let reconnectTimeout = Duration.seconds(600)
    /// One piece of an image: a few frames, and an eighth of what may wait.
    static let imagePieceBytes = 64 << 10
    /// So much of an image may wait to be sent: what a fast network takes in some milliseconds.
    static let imageBytesUnsent = 512 << 10
    /// Removing a million files takes a minute or two.
    static let imageTimeout = Duration.seconds(300)
    /// How often a progress is told: no eye is faster.
    static let progressInterval = Duration.milliseconds(200)
    /// What the transport obeys; a client may take more at once than a server.
    static let transport: TransportLimits = {
        var limits = TransportLimits()
        limits.grpc = .client
        limits.http2 = .client
        return limits
    }()
    /// What a server takes for a job to read.
    static let standardInputBytes = 1 << 20
    /// A thousand contexts fit; what is larger is some other file.
    static let contextFileBytes = 1 << 20
    /// The server's own bound for a page of a list.
    static let listPage = 1000
    /// Jobs shown by `list` unless it is told otherwise: some screens full.
    static let listDefault = 100
    /// `top` looks no more often: nobody reads faster, and each look is work for the server.
    static let topIntervalMin = Duration.milliseconds(100)
    /// Output handed to one write: a message's worth, so that a message needs one.
    static let writeBytes = 65_536
    /// Up to here a write gets a buffer of its own size: a message may hold 256 tiny runs.
    static let smallWriteBytes = 4096
}
