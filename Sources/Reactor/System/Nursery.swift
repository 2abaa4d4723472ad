import CLinux
import Glibc
import Synchronization

/// A process of a program that forks itself for each child that is asked for, to whoever asks.
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
    private let patience: Duration
    private let state = Mutex(State.notStarted)

    /// Describes the process.
    ///
    /// - Parameters:
    ///   - program: How it is started; the arguments must be as long as those of each child.
    ///   - door: The descriptor on which it is asked.
    ///   - patience: How long it may take to answer, before it is killed.
    package init(_ program: ProcessSpawn, door: Int32, patience: Duration = .seconds(10)) {
        self.program = program
        self.door = door
        self.patience = patience
    }

    /// The process, while there is one.
    var pid: pid_t? {
        state.withLock { if case .runs(let process) = $0 { process.pid } else { nil } }
    }

    /// Asks for a child; `spawn` has what it is born with.
    ///
    /// It is the caller's own, and starts when the caller has it in hand: a child that nobody can watch
    /// must not have done anything, because there will be another.
    ///
    /// - Throws: Why there is no child. Executing the program may still do.
    func bear(_ spawn: inout clinux_spawn, kernel: LinuxKernel) throws(Errno) -> (
        pid: pid_t, pidfd: Int32
    ) {
        let process = try process(kernel)
        let patience = Int32(clamping: patience.wholeNanoseconds / 1_000_000)
        var start: Int32 = -1
        let pid = unsafe clinux_ask_nursery(process.door.raw, &spawn, patience, &start)
        guard pid < 0 else {
            process.hasBorne.store(true, ordering: .relaxed)
            do throws(Errno) {
                let pidfd = try kernel.handle(ofChild: pid).release()
                clinux_let_start(start)
                return (pid, pidfd)
            } catch {
                closing(start)
                throw error
            }
        }
        let error = Errno(rawValue: -pid)
        if error == .timedOut {
            // Whoever else waits for it hears of its end.
            kill(process.pid, SIGKILL)
            // What it has borne before never starts, and would stay a zombie of ours.
            _ = clinux_end_unheard(start, patience)
        }
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
        case .timedOut:
            return .notStarted
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
