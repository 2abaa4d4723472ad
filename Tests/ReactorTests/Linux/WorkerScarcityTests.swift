import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// Threads that cannot be had, because there is no address space for another stack.
///
/// The limit holds for the whole process, so the test is in one of its own.
@Suite(.timeLimit(.minutes(10))) struct WorkerScarcityTests {
    /// So much that nothing else that is needed matters beside it.
    private let stack = 256 << 20

    @Test func `where not all threads can be had, one does the work`() throws {
        // A thread's stack is as large as the main thread's may be. pthread_create(3).
        let wrapper = ["/usr/bin/prlimit", "--stack=\(stack)"]
        let process = try SeparateProcess(
            "one-thread", in: Self.self, about: "", wrapper: wrapper
        ) { _ in
            try leaveRoomForOneStack()
            let before = try threadCount()
            let done = SharedCount()
            do {
                let worker = try Worker(for: .processes)
                let after = try threadCount()
                precondition(after == before + 1, "there was room for one thread")
                for _ in 0..<100 { worker.enqueue(done.increase) }
            }
            precondition(done.value == 100, "all is done before the worker is gone")
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    private func leaveRoomForOneStack() throws {
        let status = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(status.split(separator: " ").first.flatMap { Int($0) })
        let bytes = rlim_t(pages * Int(getpagesize()) + stack + stack / 2)
        var limits = rlimit(rlim_cur: bytes, rlim_max: bytes)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits) == 0)
    }

    private func threadCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
}

private final class SharedCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .acquiring) }

    @Sendable func increase() { count.add(1, ordering: .acquiringAndReleasing) }
}
