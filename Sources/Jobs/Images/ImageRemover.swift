import Logging
import Reactor
import ShimProtocol

/// Removes what is hidden in the directory of images, one thing after the other, each in a process of
/// its own: what a stranger has nested may take long.
final class ImageRemover {
    private let reactor: Reactor
    private let directory: ImageDirectory
    private let program: ImageProgram
    private let logger: Logger
    private var waiting: [(name: String, then: () -> Void)] = []
    private var isBusy = false

    init(
        reactor: Reactor, directory: ImageDirectory, program: ImageProgram, logger: Logger
    ) {
        self.reactor = reactor
        self.directory = directory
        self.program = program
        self.logger = logger
    }

    /// Removes one thing; `then` is told when it is gone, or must wait for the next start.
    func remove(_ name: String, then: @escaping () -> Void = {}) {
        waiting.append((name, then))
        removeNext()
    }

    private func removeNext() {
        guard !isBusy, !waiting.isEmpty else { return }
        isBusy = true
        let (name, then) = waiting.removeFirst()
        let finish = { [self] (problem: String?) in
            if let problem {
                logger.warning(
                    "what is left of an image cannot be removed",
                    metadata: ["name": "\(name)", "problem": "\(problem)"])
            }
            isBusy = false
            then()
            removeNext()
        }
        open { [self] result in
            do throws(Errno) {
                try start(name, in: try result.get(), then: finish)
            } catch {
                // Without the directory there is nothing in it.
                finish(error == .noEntry ? nil : "\(error)")
            }
        }
    }

    private func open(then: @escaping (Result<HeldFile, Errno>) -> Void) {
        let directory = directory
        reactor.perform(
            on: .images,
            {
                Result { () throws(Errno) in
                    HeldFile(
                        try directory.kernel.openFile(
                            directory.path, flags: [.readOnly, .directory]))
                }
            }, then: then)
    }

    private func start(
        _ name: String, in place: HeldFile, then: @escaping (String?) -> Void
    ) throws(Errno) {
        let spawn = program.spawn(
            .remove, [name], [ImageDescriptor.directory: place.descriptor.raw])
        _ = try ImageProcess(spawn, reactor: reactor) { status in
            then(status == .exited(code: 0) ? nil : "\(status.map { "\($0)" } ?? "unknown")")
        }
    }
}
