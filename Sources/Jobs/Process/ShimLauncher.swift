import Reactor
import ShimProtocol

/// Starts the shims of jobs: makes the files, spawns, and reads how it went.
///
/// What may take long happens on a worker, for a few jobs at a time; the others wait here, where
/// they hold nothing. Spawning blocks the loop for a moment, so of many jobs that are ready at once
/// only a few are spawned in each turn.
final class ShimLauncher {
    private let reactor: Reactor
    private let directory: LogDirectory
    private let groups: ControlGroups?
    private let facts: HostFacts
    private let sandboxes: SandboxPlanner?
    private let images: ImageDirectory
    private let networks: NetworkPlanner
    private let shimPath: String
    private let limits: JobLimits
    private let environment: [String]
    private let reached: @Sendable (StopPoint) -> Void
    private let null: HeldFile
    private var waiting: ArraySlice<Launch> = []
    private var launchCount = 0
    private var ready: [() -> Void] = []
    private var isFlushing = false

    private struct Launch {
        let live: LiveJob
        let specification: JobSpecification
    }

    init(
        shimPath: String, directory: LogDirectory, groups: ControlGroups?, facts: HostFacts,
        sandboxes: SandboxPlanner?, images: ImageDirectory, null: HeldFile,
        networks: NetworkPlanner,
        reactor: Reactor, limits: JobLimits, environment: [String],
        reached: @escaping @Sendable (StopPoint) -> Void
    ) {
        self.shimPath = shimPath
        self.directory = directory
        self.groups = groups
        self.facts = facts
        self.sandboxes = sandboxes
        self.images = images
        self.networks = networks
        self.reactor = reactor
        self.limits = limits
        self.environment = environment
        self.reached = reached
        self.null = null
    }

    /// Starts a job, which hears of each step: of its shim, of its start or failure, and of the
    /// shim's end.
    func launch(_ live: LiveJob, _ specification: JobSpecification) {
        waiting.append(Launch(live: live, specification: specification))
        launchWaiting()
    }

    // MARK: A few at a time

    private func launchWaiting() {
        while launchCount < limits.launchesAtOnce, let launch = waiting.popFirst() {
            launchCount += 1
            prepare(launch)
        }
    }

    private func launchEnded() {
        launchCount -= 1
        launchWaiting()
    }

    private func prepare(_ launch: Launch) {
        let live = launch.live
        let preparation = Preparation(
            id: live.job.id, specification: launch.specification, limits: live.job.limits,
            facts: facts, directory: directory, groups: groups, sandboxes: sandboxes,
            images: images, subIDBase: live.job.subIDBase, networks: networks,
            networkAddress: live.job.networkAddress,
            descriptorLimit: limits.descriptorLimitOfCommands, logLimit: live.job.logLimit,
            kernel: reactor.kernel,
            reached: reached)
        reactor.perform(on: .files) {
            preparation.run()
        } then: { [self] prepared in
            switch prepared {
            case .success(let files):
                enqueue { [self] in
                    spawn(live, files)
                    launchEnded()
                }
            case .failure(let failure):
                live.startFailed(failure)
                launchEnded()
            }
        }
    }

    // MARK: A few in each turn

    private func enqueue(_ spawn: @escaping () -> Void) {
        ready.append(spawn)
        guard !isFlushing else { return }
        isFlushing = true
        reactor.atEndOfTurn { [self] in flush() }
    }

    private func flush() {
        let batch = ready.prefix(limits.spawnsPerTurn)
        ready.removeFirst(batch.count)
        for spawn in batch { spawn() }
        isFlushing = !ready.isEmpty
        if isFlushing { reactor.atEndOfTurn { [self] in flush() } }
    }

    // MARK: One job

    private func spawn(_ live: LiveJob, _ files: PreparedFiles) {
        do throws(Errno) {
            let status = try reactor.kernel.makePipe()
            let spawn = ProcessSpawn(
                path: shimPath, arguments: ShimSearch.arguments(of: live.job.id),
                environment: environment,
                fileActions: [
                    ProcessSpawn.FileAction(
                        target: 0,
                        source: files.standardInput?.descriptor.raw ?? null.descriptor.raw),
                    ProcessSpawn.FileAction(target: 1, source: null.descriptor.raw),
                    ProcessSpawn.FileAction(target: 2, source: 2),
                    ProcessSpawn.FileAction(target: ShimDescriptor.plan, source: files.plan.raw),
                    ProcessSpawn.FileAction(target: ShimDescriptor.log, source: files.log.log.raw),
                    ProcessSpawn.FileAction(
                        target: ShimDescriptor.index, source: files.log.index.raw),
                    ProcessSpawn.FileAction(
                        target: ShimDescriptor.status, source: status.write.raw),
                ])
            let process = ShimHandle(try reactor.kernel.spawn(spawn))
            reached(.shimSpawned)
            let report = ReportReader(status.read, reactor: reactor)
            live.spawned(
                ShimProcess(process, reactor: reactor, onEnd: { live.shimEnded() }))
            report.read { outcome in
                switch outcome {
                case .report(let report): live.reported(report)
                case .otherVersion(let version): live.reportedInVersion(version)
                case .nothing: live.reportedNothing()
                }
            }
        } catch {
            live.startFailed(
                StartFailure(
                    stage: .supervisor, error: error, detail: "spawning \(shimPath)",
                    specification: live.job.specification))
        }
    }
}

/// Reads the one report of a shim from its status pipe.
private final class ReportReader {
    private let pipe: OwnedDescriptor
    private let reactor: Reactor
    private let buffer = Buffer(capacity: StartReport.encodedSizeMax)

    init(_ pipe: consuming OwnedDescriptor, reactor: Reactor) {
        self.pipe = pipe
        self.reactor = reactor
    }

    /// What came of it.
    enum Outcome {
        case report(StartReport)
        /// A report, in a layout that is not known here.
        case otherVersion(UInt16)
        /// The pipe ended without a whole one.
        case nothing
    }

    /// Hands over what there is, once it is all.
    func read(then: @escaping (Outcome) -> Void) {
        reactor.submit(.readPipe(pipe.raw, into: buffer)) { [self] outcome in
            let report = report
            if case .nothing = report, case .success(1...) = outcome, buffer.writableCount > 0 {
                return read(then: then)
            }
            then(report)
        }
    }

    private var report: Outcome {
        do throws(FormatError) {
            return .report(try StartReport(decoding: buffer.bytes))
        } catch .unsupportedVersion(let version) {
            return .otherVersion(version)
        } catch {
            return .nothing
        }
    }
}
