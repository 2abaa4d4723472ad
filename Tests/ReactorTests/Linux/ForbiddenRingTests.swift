import CSeccomp
import CURing
import Glibc
import TestSupport
import Testing

@testable import Reactor

/// io_uring where the host does not want it: a real filter of system calls forbids it.
///
/// Filters stay for the life of a process, so each is in one of its own.
@Suite(.timeLimit(.minutes(10))) struct ForbiddenRingTests {
    @Test func `auto does without, and knows why`() throws {
        let process = try SeparateProcess("auto", in: Self.self) {
            try forbidRings(error: EPERM)
            let chosen = try BackendChoice.auto.makeBackend(preferring: .ioUring)
            precondition(chosen.kind == .epoll)
            precondition(chosen.failure == BackendFailure(kind: .ioUring, errno: .notPermitted))
            precondition(chosen.failure?.description.contains("seccomp") == true)
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    @Test func `who insists gets none`() throws {
        for (error, errno) in [(EPERM, Errno.notPermitted), (ENOSYS, .notImplemented)] {
            let process = try SeparateProcess("insists-\(error)", in: Self.self) {
                try forbidRings(error: error)
                do throws(BackendFailure) {
                    _ = try BackendChoice.ioUring.makeBackend()
                    preconditionFailure("there is a ring")
                } catch {
                    precondition(error == BackendFailure(kind: .ioUring, errno: errno))
                    precondition(error.description.contains("seccomp"))
                }
            }
            #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
        }
    }

    @Test func `where nothing forbids it, it is had`() throws {
        let chosen = try BackendChoice.auto.makeBackend(preferring: .ioUring)
        #expect(chosen.kind == .ioUring && chosen.failure == nil)
    }

    /// For this process and all it starts.
    private func forbidRings(error: Int32) throws {
        let context = seccomp_init(UInt32(SCMP_ACT_ALLOW))
        let action = cseccomp_error_action(UInt16(error))
        let call = seccomp_syscall_resolve_name("io_uring_setup")
        let answers = [
            seccomp_rule_add_array(context, action, call, 0, nil), seccomp_load(context),
        ]
        seccomp_release(context)
        try #require(answers == [0, 0])
    }
}
