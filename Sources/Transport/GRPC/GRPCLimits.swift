/// What a gRPC connection takes, and how it notices that its peer is gone.
package struct GRPCLimits: Sendable {
    /// One received message: what every gRPC implementation has as its default.
    ///
    /// It is checked on the five bytes before the message, before memory is taken.
    package var messageBytes = 4 << 20

    /// What one connection holds of requests that have not ended, of all calls together: without
    /// it, as many streams as are allowed could hold 4 MiB each and never finish.
    package var assemblingBytes = 16 << 20

    /// Messages of one connection that were sent and wait because the client does not read.
    ///
    /// A client may ask much and read nothing; streams from a source do not count, since they are
    /// pulled. Eight of the largest answers.
    package var unsentBytes = 32 << 20

    /// How long a peer may be silent before it is asked whether it lives.
    ///
    /// With the timeout it makes the 30 seconds in which a dead peer is noticed.
    package var keepaliveIdle: Duration = .seconds(15)

    /// How long it may take to answer; nobody is asked while something waits to be sent.
    package var keepaliveTimeout: Duration = .seconds(15)

    /// How long the kernel may take none of the bytes that wait; meanwhile silence says nothing.
    ///
    /// A server does not read such a peer, so a dead one is told from a slow one by this time only.
    /// They occupy a send buffer of 256 KiB, which a link of 20 kbit/s gets rid of in this time.
    package var stalledSend: Duration = .seconds(120)

    /// From the head of a request to its end, for calls whose request is one message.
    ///
    /// A line of 300 kbit/s carries the largest message in this time; what is trickled or never
    /// ended would otherwise hold its place for ever.
    package var requestDeadline: Duration = .seconds(120)

    /// Pings may come at this interval when nothing is sent to the peer; the gRPC documentation
    /// calls it the permitted keepalive time, and clients are told not to go below 20 s here.
    ///
    /// A little less, because intervals shrink when packets are held up.
    package var pingInterval: Duration = .seconds(19)

    /// How many faster ones are let pass.
    ///
    /// Clients measure bandwidth with pings, in bursts, when they have received something; what we
    /// send sets the count back.
    package var pingStrikes = 8

    /// How long a graceful shutdown waits for requests that crossed its announcement on the way:
    /// a round trip around the world, with one packet lost.
    package var drainNotice: Duration = .seconds(1)

    /// The longest frame of a call that is not the only one of its connection, which the others have
    /// to wait for: as long as a message of output is.
    static let frameBytesAmongMany = 64 << 10

    /// Calls of a connection that are woken at a time, for which there is always room: a thousand
    /// connections have it.
    static let wokenExpected = 16

    /// Makes the limits described above, which suit a server.
    package init() {}

    /// Those of a client, whose pings a server takes each ``pingInterval`` and not more often.
    ///
    /// What is left of the 30 seconds is enough for the answer, since a client has little that waits
    /// before the question; and while a server has much to send before its answer, it is not silent.
    /// A server takes what it is sent, unless its client does not read: one that takes nothing for as
    /// long is gone as well.
    package static var client: GRPCLimits {
        var limits = GRPCLimits()
        limits.keepaliveIdle = .seconds(20)
        limits.keepaliveTimeout = .seconds(10)
        limits.stalledSend = .seconds(30)
        return limits
    }
}
