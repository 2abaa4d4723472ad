import CSeccomp
import CURing
import Glibc
import TestSupport
import Testing

@testable import Reactor

/// A kernel that takes no request, as for want of memory, EAGAIN in io_uring_enter(2): here a filter
/// of system calls says so to whoever hands over any.
///
/// Filters stay for the life of a process, so each is in one of its own.
@Suite(.timeLimit(.minutes(10))) struct RingRefusalTests {
    @Test func `what is in flight completes meanwhile, and the loop sleeps`() throws {
        let process = try SeparateProcess("refusal", in: Self.self) {
            let kernel = LinuxKernel()
            let backend = try IOUringBackend(entries: 8, descriptors: 1024)
            let reactor = Reactor(backend: backend, kernel: kernel)
            let pipe = try kernel.makePipe()
            var readyCount = 0
            reactor.submit(.awaitReadable(pipe.read.raw)) { _ in readyCount += 1 }
            reactor.atEndOfTurn {}
            try reactor.turn()

            try refuseRequests()
            reactor.submit(.awaitReadable(pipe.read.raw)) { _ in readyCount += 1 }
            var isOver = false
            reactor.schedule(after: .milliseconds(200)) { isOver = true }
            var turnCount = 0
            while !isOver {
                try reactor.turn()
                turnCount += 1
            }
            precondition(turnCount <= 30, "\(turnCount) turns in 200 ms, with nothing to do")
            precondition(readyCount == 0, "nothing is ready")

            precondition(write(pipe.write.raw, "x", 1) == 1, "a pipe takes a byte")
            for _ in 0..<10 where readyCount == 0 { try reactor.turn() }
            precondition(readyCount == 1, "what the kernel had is complete, and nothing else")
            // Its ring would wait for the kernel to take a cancellation.
            _exit(0)
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    /// For this process, from now on.
    private func refuseRequests() throws {
        let context = seccomp_init(UInt32(SCMP_ACT_ALLOW))
        let action = cseccomp_error_action(UInt16(EAGAIN))
        let call = seccomp_syscall_resolve_name("io_uring_enter")
        let handsOver = [scmp_arg_cmp(arg: 1, op: SCMP_CMP_GT, datum_a: 0, datum_b: 0)]
        let answers = [
            seccomp_rule_add_array(context, action, call, 1, handsOver), seccomp_load(context),
        ]
        seccomp_release(context)
        try #require(answers == [0, 0])
    }
}
