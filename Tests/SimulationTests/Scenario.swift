import Jobs
import Reactor
import Simulator

/// What happens in one run, drawn from its seed: who does what, what goes wrong, and when.
///
/// Each seed also draws which kinds of trouble there are at all: what is never out of order shows
/// other bugs than what always is.
struct Scenario {
    /// How the daemon is killed.
    enum Crash {
        /// At some moment of its life.
        case at(Duration)
        /// In the middle of its system call with that number.
        case inCall(Int)
        /// When it comes to a step for the n-th time.
        case atPlace(String, times: Int)
        /// It is told to end, in good order.
        case orderly(Duration)
    }

    /// One job and those who care for it.
    struct Story {
        let startsAt: Duration
        let script: JobScript
        let isMerged: Bool
        /// When each follower begins, after the start was acknowledged.
        let followers: [Duration]
        let waits: Bool
        let stop: Stop?
        /// How long the job may run.
        let timeout: Duration?
        let isDeleted: Bool
        /// How much of its output is kept, and what goes beyond; nil for far more than it writes.
        let logFull: LogLimit.FullAction?
    }

    struct Stop {
        let after: Duration
        let grace: Duration
    }

    /// What happens to the machine once.
    enum Incident {
        case cut
        case stall(Duration)
        case killShim
        case killShimInCall(Int)
    }

    let faults: FaultPlan
    let stories: [Story]
    /// One for each life of the daemon but the last.
    let crashes: [Crash]
    let incidents: [(at: Duration, what: Incident)]
    /// While the disk takes nothing more.
    let fullDisk: (from: Duration, to: Duration)?
    /// So many descriptors the daemon may have, if that is few.
    let descriptorsMax: Int?
    /// So many jobs run at one time; the others wait.
    let runningMax: Int?

    /// When nothing goes wrong any more.
    static let quietAfter: Duration = .seconds(2)

    init(seed: UInt64, places: [String]) {
        var random = SeededGenerator(seed: seed)
        let hasStorageTrouble = random.happens(0.3)
        faults = Self.faults(hasStorageTrouble, &random)
        fullDisk = hasStorageTrouble && random.happens(0.6) ? Self.interval(&random) : nil
        let count = Int.random(in: 1...3, using: &random)
        stories = (0..<count).map { _ in Story(isMerged: hasStorageTrouble, &random) }
        crashes = random.happens(0.7) ? Self.crashes(places, &random) : []
        incidents = random.happens(0.6) ? Self.incidents(&random) : []
        descriptorsMax = random.happens(0.1) ? .random(in: 16...24, using: &random) : nil
        runningMax = random.happens(0.4) ? .random(in: 1...2, using: &random) : nil
    }

    private static func faults(
        _ hasStorageTrouble: Bool, _ random: inout SeededGenerator
    ) -> FaultPlan {
        var plan = FaultPlan.bearable(seed: random.next())
        plan.delays = min(plan.delays, 0.5)
        plan.shortReads = min(plan.shortReads, 0.5)
        plan.shortWrites = min(plan.shortWrites, 0.5)
        // A report of the shim goes into a pipe whole.
        plan.streamBytesMax = .random(in: 4096...16_384, using: &random)
        plan.slowness = random.happens(0.5) ? .random(in: 0..<0.5, using: &random) : 0
        plan.slowReads = random.happens(0.5) ? .random(in: 0..<0.8, using: &random) : 0
        plan.interruptions = random.happens(0.5) ? .random(in: 0..<0.3, using: &random) : 0
        guard hasStorageTrouble else { return plan }
        plan.commitFailures = random.happens(0.5) ? .random(in: 0..<0.3, using: &random) : 0
        plan.operationErrors = random.happens(0.3) ? .random(in: 0..<0.02, using: &random) : 0
        plan.writeErrors = random.happens(0.3) ? .random(in: 0..<0.05, using: &random) : 0
        return plan
    }

    private static func interval(
        _ random: inout SeededGenerator
    ) -> (from: Duration, to: Duration) {
        let from = Int.random(in: 0...200, using: &random)
        let length = Int.random(in: 1...300, using: &random)
        return (.milliseconds(from), .milliseconds(from + length))
    }

    private static func crashes(
        _ places: [String], _ random: inout SeededGenerator
    ) -> [Crash] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<2: .at(.microseconds(Int.random(in: 0...150_000, using: &random)))
            case 2..<5: .inCall(.random(in: 0...300, using: &random))
            case 5..<7:
                .atPlace(
                    places.randomElement(using: &random) ?? "",
                    times: .random(in: 1...2, using: &random))
            default: .orderly(.microseconds(Int.random(in: 0...100_000, using: &random)))
            }
        }
    }

    private static func incidents(
        _ random: inout SeededGenerator
    ) -> [(at: Duration, what: Incident)] {
        let killsShims = random.happens(0.4)
        return (0..<Int.random(in: 1...5, using: &random)).map { _ in
            let at = Duration.microseconds(Int.random(in: 0...300_000, using: &random))
            switch Int.random(in: 0..<(killsShims ? 5 : 3), using: &random) {
            case 0..<2: return (at, .cut)
            case 2:
                return (at, .stall(.milliseconds(Int.random(in: 1...200, using: &random))))
            case 3: return (at, .killShim)
            default: return (at, .killShimInCall(.random(in: 0...40, using: &random)))
            }
        }
    }
}

extension Scenario.Story {
    fileprivate init(isMerged: Bool, _ random: inout SeededGenerator) {
        script = JobScript(&random)
        startsAt = .microseconds(Int.random(in: 0...100_000, using: &random))
        // Of what is dropped nobody knows which stream wrote it.
        self.isMerged = isMerged || script.isLoud || random.happens(0.3)
        followers = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            .microseconds(Int.random(in: 0...100_000, using: &random))
        }
        waits = random.happens(0.4)
        let timesOut = script.needsStop && random.happens(0.4)
        stop =
            script.needsStop && !timesOut || random.happens(0.2)
            ? Scenario.Stop(
                after: .microseconds(
                    Int.random(in: 0...(random.happens(0.3) ? 900_000 : 150_000), using: &random)),
                grace: .milliseconds(
                    random.happens(0.3) ? 0 : Int.random(in: 1...100, using: &random)))
            : nil
        isDeleted = random.happens(0.3)
        logFull = script.isLoud ? LogLimit.FullAction.allCases.randomElement(using: &random) : nil
        timeout =
            timesOut || random.happens(0.2)
            ? .microseconds(Int.random(in: 1...500_000, using: &random)) : nil
    }
}
