import Jobs
import JobsAPI
import Logging
import Reactor
import Transport

/// The daemon: puts the rooms together, listens, and ends in good order.
final class Daemon {
    private let configuration: Configuration
    private let reactor: Reactor
    private let logger: Logger
    private let sink: any LineSink
    private let channels: ClientChannels
    let jobs: JobSupervisor
    private let policy: StartPolicy
    private var policyWatch: PolicyWatch?
    private let drainDeadline: Duration
    private let health: HealthBoard
    private let resources: ConnectionResources
    private var connections: ConnectionTable?
    private var listener: Listener?
    private var signals: SignalWatch?
    private var shutdown = ShutdownSequence()
    /// Whether all jobs that live are known.
    private var hasTakenOver = false

    /// Reads the certificates and takes the state directory; nothing is reachable yet.
    ///
    /// - Parameters:
    ///   - configuration: What the operator wants.
    ///   - reactor: The loop it all lives on.
    ///   - sink: Where log lines go.
    ///   - descriptors: Who may have how many.
    ///   - surroundings: What a test wants otherwise.
    ///   - drainDeadline: How long open calls may go on once the end has begun.
    /// - Throws: Why it cannot be.
    init(
        _ configuration: Configuration, reactor: Reactor, sink: any LineSink,
        descriptors: DescriptorBudget = .unlimited, surroundings: Surroundings = Surroundings(),
        drainDeadline: Duration = Limits.drainDeadline
    ) throws(StartupError) {
        self.configuration = configuration
        self.reactor = reactor
        self.sink = sink
        self.drainDeadline = drainDeadline
        resources = ConnectionResources(reactor: reactor, limits: descriptors.transport)
        let level = configuration.logLevel
        logger = Logger(label: "cmdctld") { _ in LineLogHandler(sink: sink, level: level) }
        channels =
            if let channels = surroundings.channels { channels } else {
                try .tls(configuration, reactor.kernel)
            }
        var jobLimits = descriptors.jobLimits
        jobLimits.retention = configuration.retention.policy(
            fileSystemSize: Self.fileSystemSize(of: configuration.stateDirectory, reactor.kernel))
        var terms = configuration.startTerms
        terms.logLimit.bound(to: jobLimits.retention.totalBytes)
        policy = try Self.policy(configuration, terms, reactor.kernel)
        jobs = try Self.supervisor(
            configuration, policy, reactor, logger, jobLimits, surroundings)
        policy.offer(jobs.isolations, byDefault: jobs.isolationByDefault)
        health = HealthBoard(services: [
            "cmdctl.v1.JobService", "cmdctl.v1.AdminService", "cmdctl.v1.ImageService",
        ])
    }

    /// Reads the policy, which must be right at the start.
    static func policy(
        _ configuration: Configuration, _ terms: StartTerms, _ kernel: any Kernel
    ) throws(StartupError) -> StartPolicy {
        let policy = StartPolicy(terms, quota: configuration.quotaPerTenant)
        guard let path = configuration.policyFile else { return policy }
        do throws(PolicyProblem) {
            policy.file = try PolicyFile(at: path, kernel: kernel)
        } catch {
            throw .policy(error)
        }
        return policy
    }

    /// Says why the loop is not what was preferred.
    func tell(of failure: BackendFailure) {
        let metadata: Logger.Metadata = ["why": "\(failure)", "backend": "\(reactor.backendName)"]
        logger.notice("the preferred backend cannot be had", metadata: metadata)
    }

    /// Follows the policy file from now on, if there is one.
    private func watchPolicy() {
        guard let path = configuration.policyFile else { return }
        policyWatch = PolicyWatch(
            path, policy, reactor: reactor, logger: logger,
            changed: { [weak self] in self?.jobs.quotasChanged() })
    }

    /// Takes over the jobs that live, then begins to listen, and says so on standard error in the
    /// line that others wait for.
    ///
    /// - Parameter then: Told the address with the port the kernel chose, or why the daemon does not
    ///   start; nothing if it is ended before.
    func start(then: @escaping (Result<SocketAddress, StartupError>) -> Void) {
        jobs.recover { [self] result in
            hasTakenOver = true
            // Those that were only just found are to be stopped, too.
            if shutdown.isStoppingJobs { stopJobs() }
            guard !shutdown.hasBegun else { return }
            if case .failure(let error) = result { return then(.failure(.jobs(error))) }
            openToClients(then)
        }
    }

    private func openToClients(_ then: @escaping (Result<SocketAddress, StartupError>) -> Void) {
        watchPolicy()
        let table = makeConnectionTable()
        table.onEmpty = { [weak self] in self?.connectionsClosed() }
        connections = table
        listen(table, until: reactor.now + Limits.listenPatience, then)
    }

    private func listen(
        _ table: ConnectionTable, until deadline: Instant,
        _ then: @escaping (Result<SocketAddress, StartupError>) -> Void
    ) {
        do throws(StartupError) {
            let address = try listen(table)
            sink.write("listening on \(address)")
            then(.success(address))
        } catch .listen(_, .addressInUse) where reactor.now < deadline {
            reactor.schedule(after: Limits.listenInterval) { [self] in
                guard !shutdown.hasBegun else { return }
                listen(table, until: deadline, then)
            }
        } catch {
            then(.failure(error))
        }
    }

    /// Ends on TERM and INT, and reads the policy anew on HUP; the signals are then this process's
    /// own affair no more.
    func watchSignals() throws(StartupError) {
        do throws(Errno) {
            signals = try SignalWatch(reactor) { [weak self] event in self?.received(event) }
        } catch {
            throw .system("a signal descriptor", error)
        }
    }

    /// Whether everything is done that was to be done before the end.
    var hasEnded: Bool { shutdown.hasEnded }

    /// Begins to end, as `ShutdownServer` asks; `on_shutdown: stop` holds whatever is asked.
    func startShutdown(stoppingJobs: Bool) {
        perform(shutdown.requested(stoppingJobs: stoppingJobs || stopsJobsAtEnd))
    }
}

// MARK: - Putting together

extension Daemon {
    private static func supervisor(
        _ configuration: Configuration, _ policy: StartPolicy, _ reactor: Reactor,
        _ logger: Logger, _ limits: JobLimits, _ surroundings: Surroundings
    ) throws(StartupError) -> JobSupervisor {
        let shim = try ShimProgram.find(configuration.shim, kernel: reactor.kernel)
        var limits = limits
        limits.imageBytesMax = configuration.imageBytesMax
        limits.obey(configuration.sandbox)
        let records =
            surroundings.records
            ?? SQLiteRecords(
                path: "\(configuration.stateDirectory)/jobs.sqlite", reactor: reactor,
                limits: limits, logger: logger)
        do throws(JobError) {
            return try JobSupervisor(
                reactor: reactor, stateDirectory: configuration.stateDirectory, shimPath: shim,
                records: records, limits: limits, limitPolicy: configuration.limitPolicy,
                network: configuration.network, quota: configuration.quota,
                quotaOf: policy.quota(of:), logger: logger,
                shimEnvironment: surroundings.shimEnvironment, reached: surroundings.reached)
        } catch {
            throw .jobs(error)
        }
    }

    /// Where the directory is not there yet, its parent tells.
    private static func fileSystemSize(of directory: String, _ kernel: any Kernel) -> UInt64 {
        for path in [directory, "\(directory)/.."] {
            if let size = try? kernel.fileSystemSize(at: path) { return size }
        }
        return .max
    }

    private func makeConnectionTable() -> ConnectionTable {
        let services = MethodTable.Services(
            jobs: jobs, policy: policy, health: health, catalog: .makeOwn(),
            facts: ServerFacts(
                backend: reactor.backendName, certificateExpires: channels.certificateExpires,
                kernel: reactor.kernel),
            startShutdown: { [weak self] in self?.startShutdown(stoppingJobs: $0) })
        return ConnectionTable(
            channels: channels, methods: .all(services), resources: resources, logger: logger)
    }

    private func listen(_ table: ConnectionTable) throws(StartupError) -> SocketAddress {
        do throws(Errno) {
            let socket = try reactor.kernel.listen(
                on: configuration.listen, backlog: Limits.listenBacklog)
            let listener = try Listener(
                descriptor: socket, resources: resources,
                accept: { descriptor, client in table.open(descriptor, from: client) },
                report: { [logger] error in
                    logger.warning("cannot accept clients", metadata: ["error": "\(error)"])
                })
            listener.start()
            self.listener = listener
            return listener.localAddress
        } catch {
            throw .listen(configuration.listen, error)
        }
    }
}

// MARK: - Ending

extension Daemon {
    private func received(_ event: SignalEvent) {
        logger.notice("signal", metadata: ["number": "\(event.number)"])
        guard event.number != SignalWatch.hangUp else {
            policyWatch?.reload()
            return
        }
        perform(shutdown.signalled(stoppingJobs: stopsJobsAtEnd))
    }

    private var stopsJobsAtEnd: Bool { configuration.onShutdown == .stop }

    private func connectionsClosed() {
        guard shutdown.hasBegun else { return }
        perform(shutdown.connectionsClosed())
    }

    private func perform(_ orders: [ShutdownSequence.Order]) {
        for order in orders {
            switch order {
            case .drain: drain()
            case .stopJobs: stopJobs()
            case .startDeadline: startDeadline()
            case .cutConnections: connections?.cut()
            case .end: end()
            }
        }
    }

    private func drain() {
        logger.notice("shutting down", metadata: ["liveJobs": "\(jobs.liveJobCount)"])
        health.startDraining()
        jobs.refuseStarts()
        listener?.close()
        listener = nil
        connections?.startGracefulShutdown()
        // Nobody may be connected, and then nobody will leave.
        if connections?.isEmpty != false { reactor.atEndOfTurn { self.connectionsClosed() } }
    }

    private func stopJobs() {
        guard hasTakenOver else { return }
        let grace = Limits.stopGraceDefault
        jobs.stopAll(grace: grace) { [weak self] in self?.jobsStopped() }
        reactor.schedule(after: grace + Limits.stopPatience) { [weak self] in self?.jobsStopped() }
    }

    private func jobsStopped() {
        perform(shutdown.jobsStopped())
    }

    private func startDeadline() {
        reactor.schedule(after: drainDeadline) { [weak self] in
            guard let self else { return }
            perform(shutdown.deadlinePassed())
        }
    }

    private func end() {
        logger.notice("ended", metadata: ["jobsLeftRunning": "\(jobs.liveJobCount)"])
        signals?.cancel()
        jobs.images.close()
        policyWatch?.cancel()
        // What a worker has been told to remove and has not yet would stay until the next start.
        reactor.schedule(after: Limits.tidyPatience) { [reactor] in reactor.stop() }
        jobs.whenTidy { [reactor] in reactor.stop() }
    }
}

extension Daemon {
    /// Runs a daemon on the real machine until it has ended.
    static func run(
        _ configuration: Configuration, descriptors: DescriptorBudget, sink: any LineSink
    ) throws(StartupError) {
        let chosen: ChosenBackend
        do throws(BackendFailure) {
            chosen = try configuration.backend.makeBackend()
        } catch {
            throw .backend(error)
        }
        let reactor = Reactor(backend: chosen.backend, kernel: LinuxKernel())
        #if DEBUG
            let surroundings = StopAt.surroundings
        #else
            let surroundings = Surroundings()
        #endif
        let daemon = try waitingForStateDirectory(reactor) { () throws(StartupError) in
            try Daemon(
                configuration, reactor: reactor, sink: sink, descriptors: descriptors,
                surroundings: surroundings)
        }
        if let failure = chosen.failure { daemon.tell(of: failure) }
        try daemon.watchSignals()
        var failure: StartupError?
        daemon.start { result in
            guard case .failure(let error) = result else { return }
            failure = error
            reactor.stop()
        }
        do throws(Errno) {
            try reactor.run()
        } catch {
            throw .system("to wait for events", error)
        }
        if let failure { throw failure }
    }
}
