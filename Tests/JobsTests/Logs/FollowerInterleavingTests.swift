import Reactor
import ShimProtocol
import Testing

@testable import Jobs

/// A follower under every interleaving of writes, reads, wakes and the seal that a small script of a
/// shim allows.
///
/// The method: a run is a list of choices, one wherever more than one thing may happen next. Each
/// run begins anew, follows its list and then always takes the first choice; the next run changes
/// the last choice that can still be changed, until none can. A run ends early where an earlier one
/// was in the same state, as reflection sees it. In each run every byte, its stream and every gap is
/// compared, the run must end, and nothing may be left open; and where the shim rests, all has arrived.
/// All of it twice: with files in the page cache, which are read on the spot, and with others.
@Suite(.timeLimit(.minutes(10))) struct FollowerInterleavingTests {
    struct Script: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let steps: [LogModel.ShimStep]
        /// Which of the bytes are standard error's.
        var standardError = ""
        var droppedBytes: UInt64 = 0
        var limits = JobLimits()
        /// No read brings more bytes.
        var readMax = Int.max

        /// Whether bytes may be missing that were once there.
        var mayLose: Bool {
            FollowerInterleavingTests.losses.contains { $0.testDescription == testDescription }
        }
    }

    private static func run(_ offset: UInt64, _ stream: StreamTag) -> LogModel.ShimStep {
        .record(.run(offset: offset, timeNanoseconds: 1, stream: stream))
    }

    private static func gap(_ offset: UInt64, _ droppedBytes: UInt64) -> IndexRecord {
        .gap(
            offset: offset, timeNanoseconds: 1, droppedBytes: droppedBytes, reason: .noSpace)
    }

    private static func end(_ size: UInt64) -> LogModel.ShimStep {
        .record(.end(Specimen.end(outputSize: size)))
    }

    private static let oneRunPerChunk: JobLimits = {
        var limits = JobLimits()
        limits.runsPerChunk = 1
        return limits
    }()

    static let scripts = [
        Script(
            testDescription: "two streams",
            steps: [run(0, .stdout), .bytes("ab"), run(2, .stderr), .bytes("c"), end(3), .exit],
            standardError: "c"),
        Script(
            testDescription: "chunks cut to one run",
            steps: [
                run(0, .stdout), .bytes("ab"), run(2, .stderr), .bytes("c"), end(3), .exit,
            ], standardError: "c", limits: oneRunPerChunk),
        Script(
            testDescription: "a record that was overtaken",
            steps: [
                run(0, .stdout), run(0, .stderr), .bytes("a"), end(1), .exit,
            ], standardError: "a"),
        Script(
            testDescription: "bytes that could not be written",
            steps: [
                run(0, .stdout), .bytes("a"),
                .record(gap(1, 7)),
                run(1, .stdout), .bytes("b"), end(2), .exit,
            ], droppedBytes: 7),
        Script(
            testDescription: "the last bytes could not be written",
            steps: [
                run(0, .stdout), .bytes("a"),
                .record(gap(1, 7)),
                end(1), .exit,
            ], droppedBytes: 7),
        Script(
            testDescription: "a record that was written at the second try, and read in pieces",
            steps: [
                run(0, .stdout), .half(gap(0, 3)), .record(gap(0, 7)), run(0, .stdout),
                .bytes("a"), end(1), .exit,
            ], droppedBytes: 7, readMax: IndexRecord.size * 3 / 4),
        Script(
            testDescription: "silence", steps: [end(0), .exit]),
        Script(
            testDescription: "a shim that was killed",
            steps: [run(0, .stdout), .bytes("a"), .exit]),
        Script(
            testDescription: "a job that is followed before it starts",
            steps: [.start, run(0, .stdout), .bytes("a"), end(1), .exit]),
        Script(
            testDescription: "a shim that was killed as soon as the command ran",
            steps: [.start, .exit]),
    ]

    /// Scripts in which bytes vanish again: each of them comes, or is in a gap.
    static let losses = [
        Script(
            testDescription: "the head is given up",
            steps: [
                run(0, .stdout), .bytes("abc"), .publishHead(2), .punch(2), .bytes("d"), end(4),
                .exit,
            ]),
        Script(
            testDescription: "the head is given up with its records",
            steps: [
                run(0, .stdout), run(0, .stdout), .bytes("ab"), run(2, .stdout), .bytes("c"),
                .publishHead(2, firstRecord: 2), .punch(2), .punchIndex(2), .bytes("d"), end(4),
                .exit,
            ]),
        Script(
            testDescription: "somebody empties the log",
            steps: [run(0, .stdout), .bytes("ab"), .truncate(0), end(2), .exit]),
        Script(
            testDescription: "the index was lost",
            steps: [.bytes("ab"), end(2), .exit]),
    ]

    @Test(arguments: losses, [false, true]) func `what is gone is a gap, and never zeros`(
        script: Script, isCached: Bool
    ) throws {
        try explore(script, isCached: isCached)
    }

    @Test(arguments: scripts, [false, true])
    func `every byte comes once, tagged, and the end comes`(
        script: Script, isCached: Bool
    ) throws {
        try explore(script, isCached: isCached)
    }

    @Test func `what is missing behind the last byte is told while the job runs`() throws {
        let model = try LogModel(isCached: true)
        let steps: [LogModel.ShimStep] = [
            Self.run(0, .stdout), .bytes("ab"), .record(Self.gap(2, 7)),
        ]
        for step in steps { try model.perform(step) }
        let output = FollowedOutput(model.follower(limits: JobLimits()), firstOffset: 0)
        #expect(output.text == "ab")
        #expect(output.gaps.map(\.droppedBytes) == [7])
        output.close()
    }

    @Test(arguments: scripts.prefix(2), [false, true])
    func `nothing stays open, wherever it is closed`(script: Script, isCached: Bool) throws {
        try explore(script, isCached: isCached, closesAnywhere: true)
    }

    /// Followers of one log share what they read as long as they have read as far.
    @Test(arguments: [false, true], [false, true])
    func `one who comes later loses nothing, nor do the others`(
        isCached: Bool, closesAnywhere: Bool
    ) throws {
        try explore(
            Self.short, isCached: isCached, closesAnywhere: closesAnywhere, secondComes: true)
    }

    private static let short = Script(
        testDescription: "one byte",
        steps: [run(0, .stdout), .bytes("a"), end(1), .exit])

    private func explore(
        _ script: Script, isCached: Bool, closesAnywhere: Bool = false, secondComes: Bool = false
    ) throws {
        var choices = Choices()
        var visited: Set<String> = []
        var ends = 0
        repeat {
            let run = try FollowerRun(
                script, isCached: isCached, mayClose: closesAnywhere, mayCome: secondComes)
            guard try run.play(&choices, &visited) else { continue }
            run.check()
            ends += 1
        } while choices.next()
        #expect(ends > 0)
    }
}

/// A list of choices, each among a number of possibilities: the digits of a counter.
struct Choices {
    private var taken: [(choice: Int, count: Int)] = []
    private var place = 0

    /// Whether this list was followed to its end, so that what comes now is new.
    var isNew: Bool { place == taken.count }

    /// Chooses among `count` things.
    mutating func choose(among count: Int) -> Int {
        if place == taken.count { taken.append((0, count)) }
        precondition(taken[place].count == count, "the same choices lead to the same place")
        defer { place += 1 }
        return taken[place].choice
    }

    /// Goes on to the next list; false when all have been.
    mutating func next() -> Bool {
        precondition(place == taken.count)
        place = 0
        while let last = taken.popLast() {
            guard last.choice + 1 == last.count else {
                taken.append((last.choice + 1, last.count))
                return true
            }
        }
        return false
    }
}

/// One run of a script and a follower, or two.
private final class FollowerRun {
    private let script: FollowerInterleavingTests.Script
    private let isCached: Bool
    private let model: LogModel
    private let first: FollowedOutput
    /// Comes later, if at all.
    private var second: FollowedOutput?
    private var stepsLeft: ArraySlice<LogModel.ShimStep>
    private var mayClose: Bool
    private var mayCome: Bool
    private var wasClosed = false
    private var history: [String] = []

    init(
        _ script: FollowerInterleavingTests.Script, isCached: Bool, mayClose: Bool, mayCome: Bool
    ) throws {
        self.script = script
        self.isCached = isCached
        self.mayClose = mayClose
        self.mayCome = mayCome
        stepsLeft = script.steps[...]
        model = try LogModel(
            isStarting: script.steps.first == .start, readMax: script.readMax, isCached: isCached)
        first = FollowedOutput(model.follower(limits: script.limits), firstOffset: 0)
    }

    /// Those who are to get everything.
    private var outputs: [FollowedOutput] {
        (wasClosed ? [] : [first]) + [second].compactMap { $0 }
    }

    private enum Next {
        case shim(LogModel.ShimStep)
        case event(LogModel.Event)
        /// The event, and in the middle of its handlers the next step of the shim.
        case eventInterrupted(
            LogModel.Event, by: LogModel.ShimStep, at: LogModelKernel.Place)
        /// The first follower closes.
        case close
        /// The second one comes.
        case come
    }

    /// Lets one thing happen after the other; false when that led to where another run has been.
    func play(_ choices: inout Choices, _ visited: inout Set<String>) throws -> Bool {
        let eventsMax = 1000
        for _ in 0..<eventsMax {
            checkUpToDate()
            let possible = possibilities
            guard !possible.isEmpty else { return true }
            if choices.isNew, !visited.insert(fingerprint).inserted { return false }
            let next = possible[possible.count == 1 ? 0 : choices.choose(among: possible.count)]
            history.append("\(next)")
            guard try perform(next) else { return false }
        }
        Issue.record("it does not end: \(history.suffix(20))")
        return false
    }

    /// All that the future can depend on.
    private var fingerprint: String {
        var description = StateDescription()
        description.add(stepsLeft.count)
        description.add(mayClose)
        description.add(model.kernel.hasWatch)
        description.add(model.kernel.eventCount)
        description.add(model.watcher)
        description.add(mayCome)
        description.add(first)
        if let second { description.add(second) }
        for (_, operation) in model.backend.inFlight { description.add(operation) }
        return description.text
    }

    /// Where a step of the shim may come in between: a look has a few reads.
    private var places: [LogModelKernel.Place] {
        [.watch] + (isCached ? (0..<5).map { .cachedRead(after: $0) } : [])
    }

    private var possibilities: [Next] {
        let steps = stepsLeft.prefix(1).map(Next.shim)
        let events = model.possibleEvents.map(Next.event)
        // At the very end there is nothing left to be closed.
        let close: [Next] = mayClose && !first.hasEnded ? [.close] : []
        let interrupted: [Next] = model.possibleEvents.flatMap { event in
            stepsLeft.prefix(1).filter { $0 != .exit && $0 != .start }
                .flatMap { step in places.map { .eventInterrupted(event, by: step, at: $0) } }
        }
        return steps + events + interrupted + close + (mayCome ? [.come] : [])
    }

    /// Lets that happen; false when it is the same as another possibility.
    private func perform(_ next: Next) throws -> Bool {
        switch next {
        case .shim(let step):
            stepsLeft = stepsLeft.dropFirst()
            try model.perform(step)
        case .event(let event):
            try model.perform(event)
        case .eventInterrupted(let event, let step, let place):
            model.kernel.interrupt(at: place, with: step)
            try model.perform(event)
            if model.kernel.cancelInterruption() { return false }
            stepsLeft = stepsLeft.dropFirst()
        case .close:
            mayClose = false
            wasClosed = true
            first.close()
            try model.settle()
        case .come:
            mayCome = false
            second = FollowedOutput(model.follower(limits: script.limits), firstOffset: 0)
        }
        return true
    }

    /// Where nothing more would happen by itself, all that was written has arrived.
    private func checkUpToDate() {
        guard model.possibleEvents.isEmpty, !script.mayLose else { return }
        let comment = Comment(rawValue: "after \(history)")
        for output in outputs { #expect(output.bytes.count == Int(model.kernel.logSize), comment) }
    }

    func check() {
        let comment = Comment(rawValue: "after \(history)")
        #expect(model.reactor.isIdle, comment)
        #expect(!model.kernel.hasWatch, comment)
        #expect(model.openLogs.count == 0, comment)
        #expect(model.kernel.openFileCount == 0, comment)
        for output in outputs { check(output, comment) }
    }

    private func check(_ output: FollowedOutput, _ comment: Comment) {
        #expect(output.endedJob === model.job, comment)
        #expect(output.textWithGaps.count == written.count, comment)
        #expect(zip(output.textWithGaps, written).allSatisfy { $0 == $1 || $0 == "." }, comment)
        #expect(output.standardError == Array(script.standardError.utf8), comment)
        #expect(output.gaps.reduce(0) { $0 + $1.droppedBytes } == script.droppedBytes, comment)
        #expect(script.mayLose || output.text == written, comment)
    }

    /// What was written, in the order of the file.
    private var written: String {
        script.steps.compactMap { step in
            guard case .bytes(let text) = step else { return nil }
            return text
        }.joined()
    }
}
