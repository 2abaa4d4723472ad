import Reactor
import Simulator

/// What a job does: writes, waits, has children, and ends in one of many ways.
struct JobScript: Sendable {
    enum Step: Sendable {
        case write(stream: Int, count: Int)
        case pause(Duration)
        case close(stream: Int)
        /// Somebody turns to its output, at this very moment.
        case attract(Attention)
        /// Another process does the rest beside this one, and ends when it likes.
        case fork([Step])
        case exit(code: Int32)
        case die(signal: Int32)
        case hang
    }

    /// Who turns to its output.
    enum Attention: Sendable {
        /// One who has not followed it so far.
        case newFollower
        /// One who does, hangs up, and calls again.
        case sameFollower
    }

    /// What it does about signals that can be handled.
    enum Manners: Sendable {
        case dies
        case ignores
        case exits(code: Int32, after: Duration)
    }

    let steps: [Step]
    let manners: Manners
    /// Whether it writes more than the least that a log may be limited to.
    let isLoud: Bool
    /// Whether there is such a program at all.
    let exists: Bool

    /// Whether it goes on until somebody stops it.
    var needsStop: Bool {
        guard exists, case .hang? = steps.last else { return false }
        return true
    }

    init(_ random: inout SeededGenerator) {
        exists = !random.happens(0.05)
        isLoud = random.happens(0.1)
        var steps = Self.steps(&random)
        if random.happens(0.6) { steps = Self.attractive(steps, &random) }
        if random.happens(0.2) {
            let child = Self.steps(&random) + [random.happens(0.5) ? .hang : .exit(code: 0)]
            steps.insert(.fork(child), at: .random(in: 0...steps.count, using: &random))
        }
        if isLoud { steps += Self.loudSteps(&random) }
        let end = Int.random(in: 0..<10, using: &random)
        steps.append(
            end < 6
                ? .exit(code: end < 3 ? 0 : .random(in: 1...255, using: &random))
                : end < 8 ? .die(signal: [6, 9, 11, 15].randomElement(using: &random) ?? 6) : .hang)
        self.steps = steps
        manners =
            switch Int.random(in: 0..<3, using: &random) {
            case 0: .dies
            case 1: .ignores
            default:
                .exits(
                    code: .random(in: 0...3, using: &random),
                    after: .microseconds(Int.random(in: 0...20_000, using: &random)))
            }
    }

    private static func loudSteps(_ random: inout SeededGenerator) -> [Step] {
        (0..<Int.random(in: 3...8, using: &random)).flatMap { _ in
            [
                .write(stream: 1, count: .random(in: 5000...30_000, using: &random)),
                .pause(.microseconds(Int.random(in: 0...20_000, using: &random))),
            ]
        }
    }

    private static func steps(_ random: inout SeededGenerator) -> [Step] {
        (0..<Int.random(in: 0...8, using: &random)).map { _ in
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<10: write(&random)
            case 10..<19: pause(&random)
            default: .close(stream: .random(in: 1...2, using: &random))
            }
        }
    }

    private static func write(_ random: inout SeededGenerator) -> Step {
        .write(
            stream: .random(in: 1...2, using: &random),
            count: .random(in: 1...(random.happens(0.1) ? 6000 : 80), using: &random))
    }

    /// Most are short; only a long one shows who still waits for what was written before it.
    private static func pause(_ random: inout SeededGenerator) -> Step {
        let microsecondsMax = random.happens(0.1) ? 800_000 : 30_000
        return .pause(.microseconds(Int.random(in: 0...microsecondsMax, using: &random)))
    }

    /// The same with people who turn to the output just before it grows, or ends.
    ///
    /// Who comes at any other time hardly ever looks at the one moment that is hard to get right.
    private static func attractive(_ steps: [Step], _ random: inout SeededGenerator) -> [Step] {
        let attracted = steps.flatMap { step -> [Step] in
            guard case .write = step, random.happens(0.3) else { return [step] }
            return attention(&random) + [step]
        }
        let last = random.happens(0.7) ? [write(&random)] : []
        return attracted + attention(&random) + last
    }

    /// Some turn to the output, and what comes next comes while they begin to read.
    private static func attention(_ random: inout SeededGenerator) -> [Step] {
        let who = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            Step.attract(random.happens(0.3) ? .newFollower : .sameFollower)
        }
        return who + [.pause(.microseconds(Int.random(in: 0...20_000, using: &random)))]
    }
}

/// A process of a job, which plays its script.
final class ScriptedJob: Participant {
    private let process: SimulatedProcess
    private let world: World
    private let job: Int
    private var steps: ArraySlice<JobScript.Step>
    /// What of the present step is not written yet.
    private var unwritten = 0
    private(set) var nextDeadline: Instant?
    private(set) var isOver = false

    /// A full pipe is tried again after this.
    private static let patience: Duration = .milliseconds(1)

    init(_ process: SimulatedProcess, playing steps: [JobScript.Step], of job: Int, in world: World)
    {
        self.process = process
        self.world = world
        self.job = job
        self.steps = steps[...]
        nextDeadline = world.now
        mind(world.scenario.stories[job].script.manners)
    }

    private func mind(_ manners: JobScript.Manners) {
        switch manners {
        case .dies: break
        case .ignores: process.onSignal { _, _ in }
        case .exits(let code, let delay):
            process.onSignal { process, _ in process.after(delay) { $0.exit(code: code) } }
        }
    }

    func turn() -> Bool {
        guard !isOver else { return false }
        if process.hasEnded {
            isOver = true
            nextDeadline = nil
            return true
        }
        guard let due = nextDeadline, due <= world.now else { return false }
        nextDeadline = world.now
        take()
        return true
    }

    private func take() {
        guard let step = steps.first else { return nextDeadline = nil }
        if case .write(let stream, let count) = step {
            return write(count - unwrittenOffset(of: count), to: stream)
        }
        steps.removeFirst()
        switch step {
        case .write: break
        case .pause(let duration): nextDeadline = world.now + duration
        case .close(let stream): process.close(Int32(stream))
        case .attract(let attention): world.attract(attention, to: job)
        case .fork(let child):
            world.machine.add(
                ScriptedJob(world.machine.fork(process), playing: child, of: job, in: world))
        case .exit(let code): process.exit(code: code)
        case .die(let signal): process.die(ofSignal: signal)
        case .hang: nextDeadline = nil
        }
    }

    private func unwrittenOffset(of count: Int) -> Int {
        unwritten == 0 ? 0 : count - unwritten
    }

    private func write(_ count: Int, to stream: Int) {
        let bytes = world.outputs[job].next(count, of: world.stream(stream, of: job))
        do throws(Errno) {
            let taken = try process.write(bytes, to: Int32(stream))
            world.outputs[job].wrote(taken, of: world.stream(stream, of: job))
            unwritten = count - taken
        } catch .again {
            unwritten = count
        } catch {
            // Its output was closed, or nobody reads it.
            unwritten = 0
        }
        if unwritten == 0 { steps.removeFirst() } else { nextDeadline = world.now + Self.patience }
    }
}

/// What a job has written: bytes that tell their place, so that none can be taken for another.
struct JobOutput {
    private let seed: UInt64
    /// How many bytes each stream took so far.
    private(set) var counts = [0, 0]

    init(seed: UInt64) {
        self.seed = seed
    }

    /// The bytes a stream has written, in order.
    func bytes(of stream: Int) -> [UInt8] {
        (0..<counts[stream]).map { byte(at: $0, of: stream) }
    }

    func next(_ count: Int, of stream: Int) -> [UInt8] {
        (counts[stream]..<counts[stream] + count).map { byte(at: $0, of: stream) }
    }

    mutating func wrote(_ count: Int, of stream: Int) {
        counts[stream] += count
    }

    private func byte(at place: Int, of stream: Int) -> UInt8 {
        var random = SeededGenerator(seed: seed ^ UInt64(place << 1 | stream))
        return UInt8(truncatingIfNeeded: random.next())
    }
}
