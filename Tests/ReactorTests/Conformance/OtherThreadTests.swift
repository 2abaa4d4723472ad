import Dispatch
import Foundation
import Reactor
import Simulator
import Synchronization
import TestSupport
import Testing

/// Work on other threads and their way back.
@Suite(.timeLimit(.minutes(10))) struct OtherThreadTests {
    @Test(arguments: MachineKind.all, WorkerKind.allCases.filter { $0.threadCount == 1 })
    func `a worker does one thing after the other, and the loop gets the values`(
        kind: MachineKind, worker: WorkerKind
    ) throws {
        let machine = try Machine(kind)
        var values: [Int] = []
        for index in 0..<100 {
            machine.reactor.perform(on: worker) {
                index * index
            } then: {
                values.append($0)
            }
        }
        #expect(values.isEmpty && !machine.reactor.isIdle)
        try machine.turn { values.count == 100 }
        #expect(values == (0..<100).map { $0 * $0 })
        #expect(machine.reactor.isIdle)
    }

    @Test(arguments: MachineKind.all, WorkerKind.allCases.filter { $0.threadCount > 1 })
    func `threads that share the work do all of it once`(
        kind: MachineKind, worker: WorkerKind
    ) throws {
        let machine = try Machine(kind)
        var values: [Int] = []
        for index in 0..<100 {
            machine.reactor.perform(on: worker) {
                index
            } then: {
                values.append($0)
            }
        }
        try machine.turn { values.count == 100 }
        #expect(values.sorted() == Array(0..<100))
        #expect(machine.reactor.isIdle)
    }

    /// Two pieces of work wait for each other, which one thread would do for ever.
    @Test func `threads that share the work do it at the same time`() throws {
        let machine = try Machine(.epoll)
        let meetings = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
        var met: [DispatchTimeoutResult] = []
        for index in 0...1 {
            machine.reactor.perform(on: .processes) {
                meetings[index].signal()
                return meetings[1 - index].wait(timeout: .now() + 60)
            } then: {
                met.append($0)
            }
        }
        try machine.turn { met.count == 2 }
        #expect(met == [.success, .success])
    }

    @Test(arguments: MachineKind.all)
    func `work may ask the kernel`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let (kernel, path) = (machine.kernel, machine.path("made-by-a-worker"))
        var result: Result<Int32, Errno>?
        machine.reactor.perform(on: .files) { () -> Result<Int32, Errno> in
            do throws(Errno) {
                return .success(
                    try kernel.openFile(path, flags: [.writeOnly, .create]).release())
            } catch {
                return .failure(error)
            }
        } then: {
            result = $0
        }
        try machine.turn { result != nil }
        machine.kernel.close(try #require(result).get())
        #expect(try kernel.status(at: path).kind == .regular)
    }

    @Test(arguments: MachineKind.all)
    func `any thread can leave news, and none are lost or reordered`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let inbox = machine.reactor.inbox
        let log = NewsLog()
        let thread = Thread {
            for index in 0..<1000 { inbox.post { _ in log.append(index) } }
            log.close()
        }
        thread.start()
        // The simulated machine cannot sleep for a real thread, so that one has finished first.
        if kind == .simulated { log.waitUntilClosed() }
        try machine.turn { log.values.count == 1000 }
        #expect(log.values == Array(0..<1000))
    }
}

/// What the news said, on whichever thread it is looked at.
private final class NewsLog: Sendable {
    private let noted = Mutex<[Int]>([])
    private let isComplete = DispatchSemaphore(value: 0)

    /// Everything so far.
    var values: [Int] { noted.withLock { $0 } }

    func append(_ value: Int) {
        noted.withLock { $0.append(value) }
    }

    func close() {
        isComplete.signal()
    }

    func waitUntilClosed() {
        isComplete.wait()
    }
}
