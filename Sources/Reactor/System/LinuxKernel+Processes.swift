import CLinux
import Glibc

extension LinuxKernel {
    package func spawn(_ spawn: ProcessSpawn) throws(Errno) -> SpawnedProcess {
        let arguments = try CStringArray(spawn.arguments)
        let environment = try CStringArray(spawn.environment)
        if let nursery = spawn.nursery,
            let child = try? unsafe ordering(
                spawn, arguments, environment, spawn.fileActions,
                { (order) throws(Errno) in try unsafe nursery.bear(&order, kernel: self) })
        {
            return child
        }
        let sources = try SpawnSources(spawn.fileActions)
        if spawn.controlGroup != nil,
            let child = try? unsafe ordering(spawn, arguments, environment, sources.actions, clone)
        {
            return child
        }
        let actions = try SpawnActions(sources)
        let attributes = SpawnAttributes()
        var pid: pid_t = 0
        try numbered("posix_spawn") {
            unsafe posix_spawn(
                &pid, spawn.path, actions.pointer, attributes.pointer, arguments.pointers,
                environment.pointers)
        }
        return SpawnedProcess(pid: pid, descriptor: try handle(ofChild: pid))
    }

    /// Starts a program by an order in the form of C.
    private func ordering(
        _ spawn: ProcessSpawn, _ arguments: borrowing CStringArray,
        _ environment: borrowing CStringArray, _ actions: [ProcessSpawn.FileAction],
        _ start: (inout clinux_spawn) throws(Errno) -> (pid: pid_t, pidfd: Int32)
    ) throws(Errno) -> SpawnedProcess {
        let directory = try spawn.controlGroup.map { group throws(Errno) in
            try openFile(group, flags: [.readOnly, .directory]).release()
        }
        defer { directory.map(closing) }
        let (from, to) = (actions.map(\.source), actions.map(\.target))
        let path = try CStringArray([spawn.path])
        let (pid, pidfd) = try unsafe from.withUnsafeBufferPointer { from throws(Errno) in
            try unsafe to.withUnsafeBufferPointer { to throws(Errno) in
                var order = unsafe clinux_spawn(
                    path: path.pointers[0], arguments: arguments.pointers,
                    environment: environment.pointers, sources: from.baseAddress,
                    targets: to.baseAddress, count: Int32(from.count), cgroup: directory ?? -1)
                return try unsafe start(&order)
            }
        }
        return SpawnedProcess(pid: pid, descriptor: owned(pidfd))
    }

    /// Starts a program in a control group; it fails where clone3(2) is forbidden, as in some
    /// containers.
    private func clone(_ order: inout clinux_spawn) throws(Errno) -> (pid: pid_t, pidfd: Int32) {
        var pidfd: Int32 = -1
        let pid = unsafe clinux_spawn(&order, &pidfd)
        guard pid > 0 else { throw Errno(rawValue: -pid) }
        return (pid, pidfd)
    }

    /// Nobody else reaps our children, so the number is still this child's even if it has ended
    /// by now.
    func handle(ofChild pid: pid_t) throws(Errno) -> OwnedDescriptor {
        do throws(Errno) {
            return try openProcess(pid)
        } catch {
            // A child that nobody could watch, signal or reap must not exist.
            _ = kill(pid, SIGKILL)
            _ = try retrying("waitpid") { waitpid(pid, nil, 0) }
            throw error
        }
    }

    package func openProcess(_ pid: Int32) throws(Errno) -> OwnedDescriptor {
        // A pidfd is close-on-exec always; only PIDFD_NONBLOCK would be a choice. pidfd_open(2).
        owned(try retrying("pidfd_open") { pidfd_open(pid, 0) })
    }

    package func signal(_ pidfd: Int32, _ number: Int32, value: Int32?) throws(Errno) {
        _ = try retrying("pidfd_send_signal") {
            guard let value else { return pidfd_send_signal(pidfd, number, nil, 0) }
            return clinux_signal_with_value(pidfd, number, value)
        }
    }

    package func reap(_ pidfd: Int32) throws(Errno) -> WaitStatus? {
        var hasReturned: Int32 = 0
        var code: Int32 = 0
        let answer = try retrying("waitid") { unsafe clinux_reap(pidfd, &hasReturned, &code) }
        guard answer == 1 else { return nil }
        return hasReturned == 1 ? .exited(code: code) : .signaled(number: code)
    }

    package func makeSignalDescriptor(_ numbers: [Int32]) throws(Errno) -> OwnedDescriptor {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in numbers { unsafe sigaddset(&signals, number) }
        try numbered("pthread_sigmask") { unsafe pthread_sigmask(SIG_BLOCK, &signals, nil) }
        let flags = Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC)
        return owned(try retrying("signalfd") { unsafe signalfd(-1, &signals, flags) })
    }
}
