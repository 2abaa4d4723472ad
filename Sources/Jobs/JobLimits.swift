/// Every number this room obeys, with its reason.
package struct JobLimits: Sendable {
    /// A message of the API carries at most so many bytes of output; one read fetches them.
    package var chunkBytes = 64 * 1024
    /// And at most so many runs, so that a log of tiny pieces cannot make a message grow.
    package var runsPerChunk = 256
    /// A few lines, or 64 records of an index: what a follower that is up to date reads at once.
    package var smallBufferBytes = 4 * 1024
    /// Buffers kept for the next follower; more at a time come from the allocator and go back there.
    package var keptBuffers = 64
    /// So many followers get what one look has found: then it has cost little for each, and what
    /// was written meanwhile need not wait for the next round.
    package var sharersPerLook = 100
    /// How often a hot log is looked at: at a hundred thousand lines a second a fraction of being
    /// told of each write, while of a thousand lines each is told of at once.
    package var hotLogTick: Duration = .microseconds(500)
    /// Telling the followers of hot logs may take half of the loop's time, until it takes so long at a
    /// time: then it may take up to four fifths.
    package var hotLogLongRound: Duration = .milliseconds(8)
    /// How much longer than its grace a stop waits for a start that hangs, before it is given up.
    package var startPatience: Duration = .seconds(5)
    /// What a job gets to end in when its time is over: as with a stop when nobody says.
    package var timeoutGrace: Duration = .seconds(10)
    /// A stop waits so long to be on record, which takes milliseconds, and then goes on without.
    package var stopRecordPatience: Duration = .seconds(1)
    /// What was killed is gone after a moment, unless it waits in the kernel, and people should be
    /// told of that.
    package var killPatience: Duration = .seconds(5)
    /// A job is frozen after milliseconds, unless it waits in the kernel; then it goes on.
    package var freezePatience: Duration = .seconds(5)
    /// How often it is looked at meanwhile.
    package var freezeInterval: Duration = .milliseconds(5)
    /// What is to hear a signal and cannot be told to go on, for want of a descriptor perhaps, is told
    /// again after so long.
    package var thawRetryInterval: Duration = .milliseconds(100)
    /// How soon an end that the storage refused is tried again; each further time takes twice as
    /// long.
    package var endRetryInterval: Duration = .seconds(1)
    /// And at most so long, since somebody may have made space by then.
    package var endRetryIntervalMax: Duration = .seconds(30)
    /// How long a job whose verdict could not be read for want of a descriptor waits before the next
    /// try: others give some back all the time.
    package var verdictRetryInterval: Duration = .milliseconds(100)
    /// Starts that were accepted and wait to be carried out; a busy host makes a few hundred in a
    /// second.
    package var startsAtOnce = 256
    /// What the specifications of those may take in memory: one may have 3 MiB.
    package var specificationBytesAtOnce = 64 << 20
    /// What the specifications of those that wait for others to end may take in memory, with what they
    /// are to read: of one tenant five of the largest, or thousands of ordinary ones.
    package var queuedBytesPerTenant = 16 << 20
    /// And of all.
    package var queuedBytes = 128 << 20
    /// A job whose turn has come, and that cannot be put on record or finds too few descriptors, is
    /// tried again after so long.
    package var queueRetryInterval: Duration = .seconds(1)
    /// Starts that have files and no process yet: more at a time would not be sooner done, and
    /// would keep the worker from the reads and removals of others.
    package var launchesAtOnce = 8
    /// The descriptors that all jobs together may take; a daemon sets this by its own limit.
    package var descriptors = Int.max
    /// A start has an index, a log, a plan, the two ends of a pipe, and while it spawns a control
    /// group and the two ends of a line to the child, or copies of two of them.
    package var descriptorsPerLaunch = 8
    /// A job has the handle of its shim.
    package var descriptorsPerLiveJob = 1
    /// An image that comes in has its archive, the ends of pipes, and two processes.
    package var descriptorsPerImport = 8
    /// A log that is followed is open with its index.
    package var descriptorsPerOpenLog = 2
    /// What no start gets: two jobs can still be followed, or ends be read.
    package var descriptorsForFollowers = 4
    /// The soft RLIMIT_NOFILE that commands run with; nil for that of the supervisor's process.
    package var descriptorLimitOfCommands: UInt64?
    /// The first of the host's users that jobs may have for their own: far from those of people, of
    /// services and of other programs that make user namespaces.
    package var subIDBase: UInt32 = 1_879_048_192
    /// So many tenants can have jobs in sandboxes at a time; more users would be beyond 2³¹, which
    /// some programs take for negative.
    package var subIDRangesMax: UInt32 = 4096
    /// What a job in a sandbox may write outside its output: it is memory.
    package var scratchBytes: UInt64 = 512 << 20
    /// Repeated requests are recognised as long as the request is among so many last ones: about
    /// 20 MB of memory, and days of work.
    package var rememberedRequests = 100_000
    /// And among so many of the same tenant, so that one of them cannot make the others forgotten.
    package var rememberedRequestsPerTenant = 10_000
    /// So many changes go on record in one transaction, which then takes about 10 ms: nobody should
    /// wait much longer because others are many.
    package var changesPerTransaction = 1000
    /// So many jobs are read from the records at a time: a fraction of a megabyte, as a rule, and two
    /// milliseconds of the loop.
    package var recordsPerBatch = 1000
    /// What one image may take on the disk, and while it is received; a daemon is told by its
    /// configuration.
    package var imageBytesMax: UInt64 = 10 << 30
    /// How many files one image may have: five times a whole Debian desktop's.
    package var imageFilesMax: UInt64 = 1_000_000
    /// Images that are imported at a time: each takes descriptors, and two processes.
    package var importsAtOnce = 1
    /// A control group whose processes are just being killed cannot be removed yet, and they may
    /// leave others behind: how often to try again.
    package var sweepAttempts = 50
    /// And how long after the last time.
    package var sweepInterval: Duration = .milliseconds(100)
    /// How often in a row no process of a killed shim's job must be found.
    ///
    /// One look misses a process that is just executing a program, when it has no environment yet,
    /// and one that was born after the list was made, to a parent that is gone by now.
    package var sweepLooks = 3

    /// How often the rules of private networks are put in force again while jobs have such: it takes
    /// the kernel a millisecond, and so long may jobs reach each other when somebody flushes them.
    package var networkRulesInterval: Duration = .seconds(5)

    /// A job that another supervisor was just starting is looked at again after so long; a shim
    /// needs a few milliseconds from its birth to its command.
    package var adoptionInterval: Duration = .milliseconds(10)
    /// And at most so long later, should something hinder it.
    package var adoptionIntervalMax: Duration = .seconds(1)
    /// So many jobs a worker looks at before it tells of them: enough to make the way there and back
    /// cost nothing.
    package var looksPerBatch = 64

    /// What is kept of jobs that have ended; a daemon sets this.
    package var retention = RetentionPolicy()
    /// How often the output of jobs that live is measured: a disk takes a gigabyte in that time, or
    /// two, and asking thousands of files takes a worker milliseconds.
    package var retentionInterval: Duration = .seconds(5)
    /// How late a change of the clock may be noticed.
    package var retentionPauseMax: Duration = .seconds(3600)
    /// So many jobs are deleted at a time when retention says so: those who start jobs and read
    /// output need the files worker, too.
    package var deletionsAtOnce = 4

    /// The limits as they are.
    package init() {}
}
