import CLinux
import Glibc
import ShimProtocol

extension LinuxSystem {
    /// All signals are blocked, so that none but SIGKILL and SIGSTOP can touch the shim: a job must
    /// not lose its output to a stray SIGTERM, and SIGPIPE and SIGXFSZ have their errno.
    ///
    /// Their actions become the default ones, here and so in the job, whatever the daemon's are.
    package func silenceSignals() throws(SystemError) {
        guard !isFromNursery else { return }
        clinux_reset_signal_actions()
        _ = try retrying { clinux_block_signals() }
    }

    package func openSignals() throws(SystemError) -> Int32 {
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGCHLD] + ShimCommand.allCases.map(\.signalNumber) {
            sigaddset(&wanted, number)
        }
        let flags = Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)
        return try retrying { signalfd(-1, &wanted, flags) }
    }

    package func readSignals(_ descriptor: Int32) -> [ShimSignal] {
        var signals: [ShimSignal] = []
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while (try? retrying { Glibc.read(descriptor, &information, size) }) == size {
            let number = Int32(bitPattern: information.ssi_signo)
            if let command = ShimCommand(rawValue: number) {
                signals.append(.command(command, value: information.ssi_int))
            } else {
                signals.append(.childEnded)
            }
        }
        return signals
    }

    package func wait(
        for descriptors: [Int32], until deadlineNanoseconds: Int64?
    ) -> [Int32] {
        let timeout = deadlineNanoseconds.map(millisecondsLeft(until:)) ?? -1
        return withUnsafeTemporaryAllocation(of: pollfd.self, capacity: descriptors.count) {
            entries in
            for (index, descriptor) in descriptors.enumerated() {
                entries.initializeElement(
                    at: index, to: pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
            let count = nfds_t(entries.count)
            let ready = try? retrying { poll(entries.baseAddress, count, timeout) }
            guard let ready, ready > 0 else { return [] }
            return descriptors.indices.filter { entries[$0].revents != 0 }
                .map { descriptors[$0] }
        }
    }

    /// Rounded up: a wait that ends too early would be a busy one.
    private func millisecondsLeft(until deadline: Int64) -> Int32 {
        Int32(clamping: max(0, (deadline - monotonicNanoseconds + 999_999) / 1_000_000))
    }
}
