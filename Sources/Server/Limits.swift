import Jobs
import Transport

/// Every number the daemon obeys, with its reason.
///
/// Those of the rooms below stand beside their reasons there, and suit a server; what the daemon
/// wants otherwise is changed here and nowhere else.
enum Limits {
    /// What the transport obeys.
    static let transport = TransportLimits()

    /// What the jobs room obeys.
    static let jobs = JobLimits()

    /// Unless the operator says otherwise all output takes so much at most: days of work, and no disk
    /// of today is full with it.
    static let logsTotalBytes: UInt64 = 10 << 30

    /// And on a small disk one part in so many.
    static let logsShareOfDisk: UInt64 = 10

    /// How long a daemon waits for a state directory that another one has: a child in the middle of
    /// being made keeps the lock of a daemon that was killed, for a moment, on a busy machine a
    /// long one.
    static let stateLockPatience: Duration = .seconds(1)

    /// And how often it looks meanwhile.
    static let stateLockInterval: Duration = .milliseconds(20)

    /// How long open calls may go on after TERM, or after the last job has stopped.
    ///
    /// Short calls need far less, and who follows a job that runs on would never be done; systemd
    /// kills after 90 s.
    static let drainDeadline: Duration = .seconds(5)

    /// What a job gets to end in when nobody says; Docker's default too.
    static let stopGraceDefault: Duration = .seconds(10)

    /// How much longer than its grace the stopping of all jobs may take before the daemon ends
    /// without them: the kernel cannot kill what sleeps in it uninterruptibly.
    static let stopPatience: Duration = .seconds(5)

    /// How long the daemon stays at its end to remove what is left of jobs that have ended; what needs
    /// longer is left to the next one.
    static let tidyPatience: Duration = .seconds(1)

    /// How long an address may still be taken, and how often it is tried meanwhile: the kernel ends what
    /// a daemon that was killed had asked its ring for, an accept for instance, after that daemon's end.
    static let listenPatience: Duration = .seconds(5)
    static let listenInterval: Duration = .milliseconds(20)

    /// The longest grace: a stop holds a call open all that time.
    static let stopGraceMax: Duration = .seconds(24 * 60 * 60)

    /// A client that is refused because the server ends may try again after this.
    static let retryDelayWhileDraining: Duration = .seconds(2)

    /// A client that is refused because there is too much to do may try again after this.
    static let retryDelayWhenOverloaded: Duration = .seconds(1)

    /// Descriptors that are neither of clients nor of jobs: the loop's and the workers', standard
    /// streams, lock, database, listener; 22 of them, and some to spare.
    static let descriptorsOfDaemon = 28

    /// How many of all connections one tenant may have: half, so that others still come in.
    static func connectionsPerTenant(of all: Int) -> Int { max(1, all / 2) }

    /// With fewer descriptors a daemon could hardly serve anybody.
    static let descriptorsMin = 64

    /// Jobs on a page of a list when nobody says; a screen or two.
    static let pageSizeDefault = 100

    /// Jobs on a page at most.
    static let pageSizeMax = 1000

    /// A page ends early rather than grow past this.
    ///
    /// A job may carry a command of a megabyte, and clients take responses of 4 MiB by default.
    static let pageBytesMax = 2 << 20

    /// The longest specification, serialized.
    ///
    /// Whoever asks for the job gets it back, in a response of 4 MiB at most; and the kernel takes
    /// 2 MiB of arguments and environment by default, execve(2).
    static let specificationBytesMax = 3 << 20

    /// Questions of one reflection stream that wait for their answers, in bytes: a thousand or so,
    /// where tools ask one at a time.
    static let questionBytesWaiting = 64 << 10

    /// What a question costs in memory besides its bytes: an array's header and its place in a row.
    static let questionOverheadBytes = 64

    /// One piece of an image: large enough to be written in one go, small enough to be held.
    static let imagePieceBytesMax = 1 << 20

    /// An import of which nothing comes for so long is given up: its client is stopped or gone, and
    /// others wait for its place.
    static let importPatience: Duration = .seconds(60)

    /// Pending connections in the kernel: a burst of clients while the loop does something else.
    ///
    /// net.core.somaxconn bounds it too. Who finds it full comes again after a second.
    static let listenBacklog: Int32 = 4096

    /// The text of an error, in bytes of UTF-8.
    ///
    /// It goes out twice, once percent-encoded and once in base64, and with all else must stay
    /// under the 8 KiB of trailers that gRPC clients take.
    static let errorTextMax = 1024

    /// A field's name or what is wrong with it, in bytes.
    static let errorDetailMax = 160

    /// One particular of an error, in bytes: the identifiers of five jobs, for instance.
    static let errorMetadataMax = 320

    /// Violations told at once: who has more will come back anyway.
    static let errorViolationsMax = 4

    /// A configuration file that is longer is not one.
    static let configurationBytesMax = 1 << 20

    /// Refused connections are logged at most this often, with a count of those in between: whoever
    /// knocks must not be able to fill the log.
    static let refusalLogInterval: Duration = .seconds(1)

    /// That new connections are closed because there are too many is logged at most this often.
    static let overflowLogInterval: Duration = .seconds(60)

    /// From this size on memory is mapped, and given back as soon as it is free: the buffers of
    /// connections, of which a crowd's handshakes take a thousand for a moment.
    ///
    /// Not those of followers, which are a little smaller: they come and go with what jobs write, and
    /// each mapping costs two system calls and the page faults.
    static let mappedBytes = transport.receiveBufferBytes

    /// After so many connections have come or gone, free memory is given back: some MiB may be free.
    static let connectionsPerTrim = 100

    /// That is when nobody has done so for so long.
    static let trimDelay: Duration = .seconds(1)

    /// Or when so many of these times are over: on a busy daemon somebody always comes.
    static let trimDelaysMax = 30

    /// The highest number of a signal: real-time ones end at 64, signal(7).
    static let signalMax: Int32 = 64
}
