import Reactor
import ShimProtocol

/// A process that does one piece of work on images, held by its pidfd until it was reaped.
final class ImageProcess {
    private let reactor: Reactor
    private let descriptor: HeldFile
    private var hasEnded = false

    /// Starts one; `onEnd` is told how it ended, or nothing if nobody can know.
    init(
        _ spawn: ProcessSpawn, reactor: Reactor, onEnd: @escaping (WaitStatus?) -> Void
    ) throws(Errno) {
        self.reactor = reactor
        let process = try reactor.kernel.spawn(spawn)
        descriptor = HeldFile(process.descriptor)
        awaitEnd(onEnd)
    }

    /// Ends it at once.
    func kill() {
        let sigkill: Int32 = 9
        guard !hasEnded else { return }
        // It fails only when the process has ended, which is what was wanted.
        try? reactor.kernel.signal(descriptor.descriptor.raw, sigkill, value: nil)
    }

    private func awaitEnd(_ onEnd: @escaping (WaitStatus?) -> Void) {
        reactor.submit(.awaitReadable(descriptor.descriptor.raw)) { [self] _ in
            var status: WaitStatus?
            do throws(Errno) {
                status = try reactor.kernel.reap(descriptor.descriptor.raw)
                guard status != nil else { return awaitEnd(onEnd) }
            } catch {
                // ECHILD: it is no child of ours any more; that it has ended is all that is known.
            }
            hasEnded = true
            onEnd(status)
        }
    }
}

/// How the processes that work on images are started.
struct ImageProgram: Sendable {
    /// The program of the shim, which does this, too.
    let shimPath: String
    /// `/dev/null`, for what a process has no use for.
    let null: HeldFile
    /// The number of this process, with which the others end.
    let processID: Int32

    /// The start of a process.
    ///
    /// - Parameters:
    ///   - order: What it is to do.
    ///   - words: What belongs to that.
    ///   - files: Its descriptors, but for those that go nowhere.
    /// - Returns: What to hand to the kernel.
    func spawn(
        _ order: ImageOrder, _ words: [String], _ files: [Int32: Int32]
    ) -> ProcessSpawn {
        let standard: [Int32: Int32] = [
            0: null.descriptor.raw, 1: null.descriptor.raw, 2: null.descriptor.raw,
        ]
        let all = standard.merging(files) { $1 }
        return ProcessSpawn(
            path: shimPath, arguments: ["cmdctl-shim", order.rawValue, "\(processID)"] + words,
            fileActions: all.sorted { $0.key < $1.key }.map {
                ProcessSpawn.FileAction(target: $0.key, source: $0.value)
            })
    }
}
