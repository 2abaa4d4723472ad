import Reactor
import Simulator

/// Lets time pass, and looks now and then whether followers get what is there.
///
/// In the end everybody gets everything, because a job's end wakes whoever sleeps; that news came
/// too late is seen only while the job still runs.
struct Stopwatch {
    private static let step: Duration = .milliseconds(50)

    private let world: World
    /// What was written so many steps ago has been seen by everybody who was not kept from it.
    ///
    /// A late follower needs dozens of reads, and slow ones take 20 ms each.
    private let patience: Int

    init(_ world: World) {
        self.world = world
        patience = world.scenario.faults.slowReads > 0 ? 12 : 2
    }

    func advance(by duration: Duration) throws {
        let end = world.now + duration
        var written: [[String: Int]] = []
        while world.now < end {
            written.append(sizes)
            try world.machine.advance(by: Self.step)
            guard written.count == patience else { continue }
            let before = written.removeFirst()
            for follower in world.starters.flatMap(\.followers) { check(follower, before) }
        }
    }

    /// How long each log is.
    private var sizes: [String: Int] {
        var sizes: [String: Int] = [:]
        for id in world.starters.compactMap(\.id) {
            sizes[id] = (try? world.machine.contents(of: "/state/logs/\(id).log"))?.count
        }
        return sizes
    }

    private func check(_ follower: Follower, _ written: [String: Int]) {
        // Where descriptors are short, clients wait until there is one for them.
        guard world.scenario.descriptorsMax == nil, let since = follower.followsSince,
            max(since, world.troubleEnds) + Self.step * patience <= world.now,
            let size = written[follower.job], follower.bytes.count < size
        else { return }
        world.complain(
            "a follower of \(follower.job) waits for what has been there for long")
    }
}
