import Reactor
import Simulator
import TestSupport
import Testing

/// Watching files through inotify.
@Suite(.timeLimit(.minutes(10))) struct WatchTests {
    @Test(arguments: MachineKind.all)
    func `a change wakes who waits for it`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        try machine.append("", to: "log")
        let inotify = try machine.kernel.makeInotify()
        let watch = try add("log", [.modified], inotify.raw, machine)
        let buffer = Buffer(capacity: 4096)
        var outcome: Outcome?
        machine.reactor.submit(.readPipe(inotify.raw, into: buffer)) { outcome = $0 }
        machine.reactor.schedule(after: .milliseconds(1)) {
            #expect(outcome == nil)
            #expect(throws: Never.self) { try machine.append("line\n", to: "log") }
        }
        try machine.turn { outcome != nil }
        #expect(events(in: buffer) == [InotifyEvent(watch: watch, mask: .modified)])
        #expect(buffer.readableCount == 0)
    }

    @Test(arguments: MachineKind.all)
    func `equal events at the end of the queue become one`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        for name in ["a", "b"] { try machine.append("", to: name) }
        let inotify = try machine.kernel.makeInotify()
        let first = try add("a", [.modified], inotify.raw, machine)
        let second = try add("b", [.modified], inotify.raw, machine)
        #expect(try add("a", [.modified], inotify.raw, machine) == first)
        for name in ["a", "a", "b", "b", "a"] { try machine.append("x", to: name) }
        #expect(try read(inotify.raw, machine).map(\.watch) == [first, second, first])
    }

    @Test(arguments: MachineKind.all)
    func `a one-shot watch tells once and says that it is gone`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        try machine.append("", to: "log")
        let inotify = try machine.kernel.makeInotify()
        let watch = try add("log", [.modified, .oneShot], inotify.raw, machine)
        try machine.append("x", to: "log")
        try machine.append("y", to: "log")
        #expect(
            try read(inotify.raw, machine) == [
                InotifyEvent(watch: watch, mask: .modified),
                InotifyEvent(watch: watch, mask: .ignored),
            ])
        let raw = inotify.raw
        #expect(throws: Errno.invalidArgument) {
            try machine.kernel.removeWatch(inotify: raw, watch)
        }
        #expect(try add("log", [.modified], raw, machine) != watch)
    }

    @Test(arguments: MachineKind.all)
    func `a directory tells which name came and went`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let inotify = try machine.kernel.makeInotify()
        let watch = try machine.kernel.addWatch(
            inotify: inotify.raw, path: machine.directory, mask: [.created, .removed])
        try machine.append("", to: "exactly-16-bytes")
        try machine.append("", to: "b")
        try machine.kernel.removeFile(machine.path("b"))
        let events = try read(inotify.raw, machine)
        let expected: [(WatchMask, String)] = [
            (.created, "exactly-16-bytes"), (.created, "b"), (.removed, "b"),
        ]
        #expect(
            events
                == expected.map { InotifyEvent(watch: watch, mask: $0, name: Array($1.utf8)) })
    }

    @Test(arguments: MachineKind.all)
    func `a file that is gone ends its watch`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        try machine.append("", to: "log")
        let inotify = try machine.kernel.makeInotify()
        let watch = try add("log", [.selfRemoved], inotify.raw, machine)
        let file = try machine.kernel.openFile(machine.path("log"), flags: .readOnly)
        try machine.kernel.removeFile(machine.path("log"))
        machine.kernel.close(file.release())
        let masks = try read(inotify.raw, machine).map(\.mask)
        #expect(masks == [.selfRemoved, .ignored])
        #expect(watch.rawValue > 0)
    }

    @Test(arguments: MachineKind.all)
    func `too many events leave word that some are lost`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        for name in ["a", "b"] { try machine.append("", to: name) }
        let inotify = try machine.kernel.makeInotify()
        for name in ["a", "b"] { _ = try add(name, [.modified], inotify.raw, machine) }
        let limit = try queueLimit(machine)
        // In turns, so that no event can be merged with the one before.
        for index in 0...limit {
            try machine.append("x", to: index.isMultiple(of: 2) ? "a" : "b")
        }
        let events = try read(inotify.raw, machine)
        #expect(events.count == limit + 1)
        #expect(events.last?.mask == .overflow && events.last?.watch.rawValue == -1)
    }

    private func queueLimit(_ machine: Machine) throws -> Int {
        if let simulated = machine.simulated {
            simulated.faults.inotifyEventsMax = 50
            return 50
        }
        let path = "/proc/sys/fs/inotify/max_queued_events"
        let text = String(
            decoding: try machine.kernel.contents(of: path, sizeMax: 20), as: UTF8.self)
        return try #require(Int(text.dropLast()))
    }

    private func add(
        _ name: String, _ mask: WatchMask, _ inotify: Int32, _ machine: Machine
    ) throws -> WatchDescriptor {
        try machine.kernel.addWatch(inotify: inotify, path: machine.path(name), mask: mask)
    }

    /// All events there are, read piece by piece.
    private func read(_ inotify: Int32, _ machine: Machine) throws -> [InotifyEvent] {
        var all: [InotifyEvent] = []
        var isEmpty = false
        while !isEmpty {
            let buffer = Buffer(capacity: 4096)
            var outcome: Outcome?
            let token = machine.reactor.submit(.readPipe(inotify, into: buffer)) { outcome = $0 }
            // What is there comes with the next turn.
            machine.reactor.inbox.post { $0.cancel(token) }
            try machine.turn { outcome != nil }
            isEmpty = outcome == .failure(.canceled)
            all += events(in: buffer)
        }
        return all
    }

    private func events(in buffer: Buffer) -> [InotifyEvent] { Array(InotifyEvents(buffer)) }
}
