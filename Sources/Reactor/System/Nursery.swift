import CLinux
import Glibc
import Synchronization

/// A process of a program that forks itself for each child that is asked for.
///
/// That spares a child the execution of the program, and what the program does to get ready. The
/// process starts with the first child and ends with its owner; one that dies is replaced, unless it
/// has never had a child: then no other would either. For several threads at a time.
package final class Nursery: Sendable {
    private enum State {
        case notStarted
        case runs(NurseryProcess)
        case isHopeless
    }

    private let program: ProcessSpawn
    private let door: Int32
    private let state = Mutex(State.notStarted)

    /// Describes the process.
    ///
    /// - Parameters:
    ///   - program: How it is started; the arguments must be as long as those of each child.
    ///   - door: The descriptor on which it is asked.
    package init(_ program: ProcessSpawn, door: Int32) {
        self.program = program
        self.door = door
    }

    /// The process, while there is one.
    var pid: pid_t? {
        state.withLock { if case .runs(let process) = $0 { process.pid } else { nil } }
    }

    /// Asks for a child; `spawn` has what it is born with.
    ///
    /// - Returns: The PID of what is now the caller's own child.
    /// - Throws: Why there is no child. Executing the program may still do.
    func bear(_ spawn: inout clinux_spawn, kernel: LinuxKernel) throws(Errno) -> pid_t {
        let process = try process(kernel)
        let pid = unsafe clinux_ask_nursery(process.door.raw, &spawn)
        guard pid < 0 else {
            process.hasBorne.store(true, ordering: .relaxed)
            return pid
        }
        let error = Errno(rawValue: -pid)
        state.withLock { $0 = Self.state($0, after: error, of: process) }
        throw error
    }

    private func process(_ kernel: LinuxKernel) throws(Errno) -> NurseryProcess {
        try state.withLock { state throws(Errno) in
            switch state {
            case .runs(let process): return process
            case .isHopeless: throw .notImplemented
            case .notStarted:
                let process = try NurseryProcess(program, door: door, kernel: kernel)
                state = .runs(process)
                return process
            }
        }
    }

    /// What is short now may not be tomorrow; who is dead is, and what is forbidden stays so.
    private static func state(
        _ state: State, after error: Errno, of process: NurseryProcess
    ) -> State {
        guard case .runs(let current) = state, current === process else { return state }
        switch error {
        case .brokenPipe, .connectionReset, .connectionRefused, .notConnected:
            return process.hasBorne.load(ordering: .relaxed) ? .notStarted : .isHopeless
        case .notImplemented, .notPermitted, .invalidArgument:
            return .isHopeless
        default:
            return state
        }
    }
}

/// One life of a nursery.
private final class NurseryProcess: Sendable {
    /// Our end of the connection.
    let door: OwnedDescriptor
    let hasBorne = Atomic(false)
    let pid: pid_t

    init(_ program: ProcessSpawn, door target: Int32, kernel: LinuxKernel) throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try retrying("socketpair") {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe clinux_message_pair($0.assumingMemoryBound(to: Int32.self).baseAddress)
            }
        }
        door = kernel.owned(ends.0)
        let other = kernel.owned(ends.1)
        var spawn = program
        spawn.fileActions.append(ProcessSpawn.FileAction(target: target, source: other.raw))
        pid = try kernel.spawn(spawn).pid
    }

    /// Nobody else reaps it, so the number is its own until here, and it has nothing to lose.
    deinit {
        _ = kill(pid, SIGKILL)
        _ = try? retrying("waitpid") { waitpid(pid, nil, 0) }
    }
}
