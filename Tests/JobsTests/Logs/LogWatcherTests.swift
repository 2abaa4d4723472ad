import Reactor
import Testing

@testable import Jobs

/// When the watcher looks at a hot log while telling of logs takes long.
///
/// The method: the clock stands still but where the test moves it, and it moves it at the end of
/// turns, where followers would be told.
struct LogWatcherTests {
    /// More than a tick.
    private static let dear = Duration.milliseconds(6)

    private let model: LogModel
    private let hot: LogFile
    private let other: LogFile

    init() throws {
        model = try LogModel()
        hot = Self.makeFile(1, on: model)
        other = Self.makeFile(2, on: model)
    }

    private static func makeFile(_ number: UInt64, on model: LogModel) -> LogFile {
        let kernel = model.kernel
        return LogFile(
            jobID: Specimen.id(number), path: "/logs/\(number).log",
            log: kernel.openFile("\(number).log", flags: .readOnly, mode: 0),
            index: kernel.openFile("\(number).idx", flags: .readOnly, mode: 0), isSealed: false,
            kernel: kernel)
    }

    private func letPass(_ duration: Duration) {
        model.kernel.setClock(to: model.kernel.monotonicNow + duration)
    }

    /// Turns once, which takes so long; what there is to be heard is heard.
    private func turn(taking duration: Duration) throws {
        model.reactor.atEndOfTurn { letPass(duration) }
        let event = model.possibleEvents.first { $0 != .timer }
        if let event { try model.perform(event) } else { try model.reactor.turn() }
        // What a long turn has left.
        while model.reactor.nextDeadline() == model.kernel.monotonicNow {
            try model.reactor.turn()
        }
    }

    /// Who watches a log that was quiet, and leaves again, makes the kernel tell of it.
    @Test func `whoever comes and goes does not put off the tick of a hot log`() throws {
        model.watcher.watch(hot)
        model.kernel.appendToLog([1])
        try turn(taking: Self.dear)
        #expect(hot.changeCount == 1)
        let due = try #require(model.reactor.nextDeadline())
        #expect(due == model.kernel.monotonicNow + Self.dear, "as long as the round has taken")

        model.kernel.appendToLog([2])
        while model.kernel.monotonicNow < due {
            #expect(hot.changeCount == 1)
            model.watcher.watch(other)
            model.kernel.appendToLog([3])
            try turn(taking: .milliseconds(2))
            model.watcher.unwatch(other)
        }
        try turn(taking: .zero)
        #expect(hot.changeCount == 2)
    }
}
