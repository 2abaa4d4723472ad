import Reactor
import ShimProtocol

/// The shim of one job, held by its pidfd from the spawn until it was reaped.
///
/// A pidfd means this very process, whatever becomes of its number, and nobody else reaps it.
final class ShimProcess {
    private let reactor: Reactor
    private let handle: ShimHandle
    private var hasEnded = false

    /// Takes charge of a shim; `onEnd` is called once, after it was reaped by us or by others.
    init(_ handle: ShimHandle, reactor: Reactor, onEnd: @escaping () -> Void) {
        self.handle = handle
        self.reactor = reactor
        awaitEnd(onEnd)
    }

    /// Asks the shim for something; one that has ended does not hear it.
    ///
    /// Without a value nothing can keep the command from the shim. With one it must be queued, and
    /// the kernel refuses that while the shim's user has too many signals waiting, which a job of
    /// the same user can bring about (EAGAIN, RLIMIT_SIGPENDING).
    func send(_ command: ShimCommand, value: Int32?) throws(Errno) {
        guard !hasEnded else { return }
        do {
            try reactor.kernel.signal(handle.descriptor.raw, command.signalNumber, value: value)
        } catch .noProcess {
            return
        }
    }

    /// Kills the shim itself, and with it all of the job; its end is never recorded.
    func kill() {
        let sigkill: Int32 = 9
        guard !hasEnded else { return }
        // It fails only when the process has ended, which is what was wanted.
        try? reactor.kernel.signal(handle.descriptor.raw, sigkill, value: nil)
    }

    private func awaitEnd(_ onEnd: @escaping () -> Void) {
        // The closure keeps the descriptor open for as long as it is being waited for.
        reactor.submit(.awaitReadable(handle.descriptor.raw)) { [self] _ in
            do {
                guard try reactor.kernel.reap(handle.descriptor.raw) != nil else {
                    return awaitEnd(onEnd)
                }
            } catch {
                // ECHILD: it is no child of ours any more; that it has ended is all that counts.
            }
            hasEnded = true
            onEnd()
        }
    }
}
