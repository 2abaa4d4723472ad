import Reactor
import ShimProtocol

/// Starts the shims of jobs: makes the files, spawns, and reads how it went.
///
/// What may take long happens on workers, for a few jobs at a time; the others wait here, where
/// they hold nothing.
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
    private let nursery: Nursery
    private let null: HeldFile
    private var waiting: ArraySlice<Launch> = []
    private var launchCount = 0

    /// At each start the Swift runtime looks for its program that shows backtraces, in nine places, if
    /// it is not told of one.
    private static let noBacktraces = "SWIFT_BACKTRACE=enable=no,swift-backtrace=/"

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
        self.environment = environment + [Self.noBacktraces]
        nursery = Nursery(
            ofShims: shimPath, environment: self.environment, null: null.descriptor.raw)
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
                spawn(live, files)
            case .failure(let failure):
                live.startFailed(failure)
                launchEnded()
            }
        }
    }

    // MARK: One job

    private func spawn(_ live: LiveJob, _ files: PreparedFiles) {
        let spawning = ShimSpawning(
            id: live.job.id, specification: live.job.specification, files: files,
            shimPath: shimPath, environment: environment, nursery: nursery, null: null,
            kernel: reactor.kernel, reached: reached)
        reactor.perform(on: .processes) {
            spawning.run()
        } then: { [self] spawned in
            switch spawned {
            case .success(let shim): attend(to: shim, of: live)
            case .failure(let failure): live.startFailed(failure)
            }
            launchEnded()
        }
    }

    private func attend(to shim: SpawnedShim, of live: LiveJob) {
        let report = ReportReader(shim.status, reactor: reactor)
        live.spawned(
            ShimProcess(shim.handle, reactor: reactor, onEnd: { live.shimEnded() }))
        report.read { outcome in
            switch outcome {
            case .report(let report): live.reported(report)
            case .otherVersion(let version): live.reportedInVersion(version)
            case .nothing: live.reportedNothing()
            }
        }
    }
}

extension Nursery {
    /// Where the shims of one supervisor come from.
    fileprivate convenience init(ofShims path: String, environment: [String], null: Int32) {
        let descriptors: [(target: Int32, source: Int32)] = [(0, null), (1, null), (2, 2)]
        self.init(
            ProcessSpawn(
                path: path, arguments: ShimNursery.arguments, environment: environment,
                fileActions: descriptors.map {
                    ProcessSpawn.FileAction(target: $0, source: $1)
                }),
            door: ShimNursery.door)
    }
}

/// Reads the one report of a shim from its status pipe.
private final class ReportReader {
    private let pipe: HeldFile
    private let reactor: Reactor
    private let buffer = Buffer(capacity: StartReport.encodedSizeMax)

    init(_ pipe: HeldFile, reactor: Reactor) {
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
        reactor.submit(.readPipe(pipe.descriptor.raw, into: buffer)) { [self] outcome in
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
