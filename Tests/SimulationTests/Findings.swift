import Glibc
import Simulator

/// Which seeds are to be run.
struct SeedPlan {
    let seeds: Range<UInt64>
    /// The one whose story is to be told, line by line.
    var only: UInt64?
    /// So many failures are printed.
    let shownMax = 10

    struct NotANumber: Error {
        let name: String
        let text: String
    }

    /// SEED means this very one; SEEDS so many, from FIRST on.
    static func fromEnvironment() throws -> SeedPlan {
        if let seed = try number("SEED") {
            return SeedPlan(seeds: seed..<seed + 1, only: seed)
        }
        let first = try number("FIRST") ?? 0
        let count = try number("SEEDS") ?? 200
        return SeedPlan(seeds: first..<first + count)
    }

    private static func number(_ name: String) throws -> UInt64? {
        guard let text = getenv(name).map({ String(cString: $0) }), !text.isEmpty else {
            return nil
        }
        guard let number = UInt64(text) else { throw NotANumber(name: name, text: text) }
        return number
    }
}

/// What one seed has shown.
struct Finding: Sendable {
    let seed: UInt64
    var problems: [String] = []
    var trace: [String] = []
    var tallies: [String: Int] = [:]

    /// Runs it.
    init(seed: UInt64) {
        self.seed = seed
        do {
            let world = try World(seed: seed)
            defer { world.dismantle() }
            do {
                try world.run()
            } catch {
                problems.append("it cannot go on: \(error)")
            }
            problems += world.problems
            tallies = world.tallies
            trace = world.machine.trace
        } catch {
            problems.append("there is no such world: \(error)")
        }
    }

    /// For people.
    func report(withTrace: Bool) -> String {
        var lines = ["seed \(seed):"] + problems.map { "  \($0)" }
        if withTrace { lines += trace }
        return lines.joined(separator: "\n")
    }
}

/// What many seeds have shown.
struct Findings: Sendable {
    private(set) var count = 0
    /// Those that found something wrong, in order.
    private(set) var failed: [Finding] = []
    private(set) var tallies: [String: Int] = [:]

    private static let seedsPerTask: UInt64 = 20

    /// Runs them all, on every core: each run has a machine of its own.
    static func gather(_ seeds: Range<UInt64>) async -> Findings {
        var all = Findings()
        var next = seeds.lowerBound
        await withTaskGroup(of: Findings.self) { group in
            func add() {
                guard next < seeds.upperBound else { return }
                let end = min(next + seedsPerTask, seeds.upperBound)
                let part = next..<end
                next = end
                group.addTask { Findings(running: part) }
            }
            for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) { add() }
            for await part in group {
                all.add(part)
                add()
            }
        }
        all.failed.sort { $0.seed < $1.seed }
        return all
    }

    private init() {}

    private init(running seeds: Range<UInt64>) {
        for seed in seeds {
            var finding = Finding(seed: seed)
            count += 1
            tallies.merge(finding.tallies, uniquingKeysWith: +)
            finding.tallies = [:]
            if !finding.problems.isEmpty { failed.append(finding) }
        }
    }

    private mutating func add(_ other: Findings) {
        count += other.count
        failed += other.failed
        tallies.merge(other.tallies, uniquingKeysWith: +)
    }

    /// How much was run, and what was met on the way.
    var summary: String {
        let lines = tallies.sorted { $0.key < $1.key }.map { "  \($0.value) \($0.key)" }
        return (["\(count) seeds, \(failed.count) failed"] + lines).joined(separator: "\n")
    }
}
