import Glibc
import Jobs
import Logging
import Reactor
import Testing

@testable import Server

/// A policy that changes while it is in force.
@Suite(.timeLimit(.minutes(10))) struct PolicyWatchTests {
    private final class Bench {
        let directory: TemporaryDirectory
        let reactor: Reactor
        let policy = StartPolicy(StartTerms())
        let sink = CollectingSink()
        var changes = 0
        private(set) var watch: PolicyWatch?

        init() throws {
            directory = try TemporaryDirectory()
            reactor = try Reactor(choosing: .auto)
            try write("defaults: {quotas: {running: 1}}")
            let logger = Logger(label: "test") { [sink] _ in
                LineLogHandler(sink: sink, level: .info)
            }
            watch = PolicyWatch(
                path, policy, reactor: reactor, logger: logger,
                changed: { [weak self] in self?.changes += 1 })
        }

        deinit {
            watch?.cancel()
            reactor.dismantle()
        }

        var path: String { "\(directory.path)/policy.yaml" }
        var running: Int? { policy.file.defaults.quota.running }

        /// As many editors do: a new file in the place of the old.
        func replace(_ text: String) throws {
            try write(text, to: path + ".new")
            try #require(rename(path + ".new", path) == 0)
        }

        func write(_ text: String, to path: String? = nil) throws {
            let file = fopen(path ?? self.path, "w")
            try #require(file != nil)
            fputs(text, file)
            fclose(file)
        }

        func turn(until condition: () -> Bool) throws {
            while !condition() { try reactor.turn() }
        }
    }

    @Test func `what it was before the watch began is noticed`() throws {
        let bench = try Bench()
        try bench.turn { bench.running == 1 }
        #expect(bench.changes == 1)
    }

    @Test func `it is read anew when it is written, and when it is replaced`() throws {
        let bench = try Bench()
        try bench.write("defaults: {quotas: {running: 2}}")
        try bench.turn { bench.running == 2 }
        try bench.replace("defaults: {quotas: {running: 3}}")
        try bench.turn { bench.running == 3 }
        #expect(bench.changes >= 2)
    }

    /// What is left of each pair of events would fill the buffer, and no more could be told.
    @Test func `it is read anew however often another file changes right behind it`() throws {
        let bench = try Bench()
        for count in 1...200 {
            try bench.replace("defaults: {quotas: {running: \(count)}}")
            try bench.write("", to: "\(bench.directory.path)/cmdctld.yaml")
            try bench.turn { bench.running == count }
        }
    }

    @Test func `it is read anew when that is asked for`() throws {
        let bench = try Bench()
        bench.watch?.reload()
        bench.watch?.reload()
        try bench.turn { bench.changes == 2 }
        #expect(bench.running == 1)
    }

    @Test func `a broken one is refused, and the old stays in force`() throws {
        let bench = try Bench()
        bench.watch?.reload()
        try bench.turn { bench.running == 1 }
        try bench.replace("defaults: {quotas: {runing: 2}}")
        try bench.turn { bench.sink.lines.contains { $0.contains("the old policy stays") } }
        #expect(bench.running == 1)
        #expect(bench.sink.lines.contains { $0.contains("did you mean") })
        try bench.replace("defaults: {quotas: {running: 2}}")
        try bench.turn { bench.running == 2 }
    }
}
