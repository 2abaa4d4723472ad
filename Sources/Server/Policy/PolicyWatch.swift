import Logging
import Reactor

/// Keeps a policy as its file is: reads it anew when it has changed, or when that is asked for.
///
/// A file that is broken changes nothing but the log. Its directory is watched rather than the file,
/// since most editors put a new one in the place of the old.
final class PolicyWatch {
    private let path: String
    private let policy: StartPolicy
    private let reactor: Reactor
    private let logger: Logger
    private let changed: () -> Void
    private let events = Buffer(capacity: 4096)
    private var inotify: OwnedDescriptorBox?
    private var read: Token?
    private var isReading = false
    private var mustReadAgain = false

    /// Begins to watch, and then reads the file: it may have changed since `policy` was made of it.
    ///
    /// `changed` is told when another policy is in force.
    init(
        _ path: String, _ policy: StartPolicy, reactor: Reactor, logger: Logger,
        changed: @escaping () -> Void
    ) {
        self.path = path
        self.policy = policy
        self.reactor = reactor
        self.logger = logger
        self.changed = changed
        watch()
        reload()
    }

    /// Watches no more.
    func cancel() {
        if let read { reactor.cancel(read) }
        read = nil
    }

    // MARK: Watching

    private func watch() {
        do throws(Errno) {
            let inotify = OwnedDescriptorBox(try reactor.kernel.makeInotify())
            _ = try reactor.kernel.addWatch(
                inotify: inotify.descriptor.raw, path: directory,
                mask: [.closedAfterWrite, .movedHere])
            self.inotify = inotify
            readEvents()
        } catch {
            logger.warning(
                "the policy file cannot be watched; send SIGHUP when it has changed",
                metadata: ["file": "\(path)", "error": "\(error)"])
        }
    }

    private var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private var name: Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    private func readEvents() {
        guard let inotify else { return }
        let operation = Operation.readPipe(inotify.descriptor.raw, into: events)
        read = reactor.submit(operation) { [weak self, inotify] outcome in
            withExtendedLifetime(inotify) { self?.eventsRead(outcome) }
        }
    }

    private func eventsRead(_ outcome: Outcome) {
        // Called off, it says so.
        guard read != nil else { return }
        read = nil
        guard case .success = outcome else { return watchEnded(outcome) }
        var isOurs = false
        // To the last, or the rest would take up the buffer for ever.
        for event in InotifyEvents(events) {
            isOurs =
                isOurs || event.mask.contains(.overflow)
                || event.name.elementsEqual(name.utf8)
        }
        readEvents()
        if isOurs { reload() }
    }

    private func watchEnded(_ outcome: Outcome) {
        logger.error(
            "the policy file is watched no more; send SIGHUP when it has changed",
            metadata: ["file": "\(path)", "outcome": "\(outcome)"])
        reload()
    }

    // MARK: Reading

    /// Reads the file anew; if it is being read just now, once more after that.
    func reload() {
        guard !isReading else { return mustReadAgain = true }
        isReading = true
        let (kernel, path) = (reactor.kernel, path)
        reactor.perform(on: .files) {
            Result { () throws(PolicyProblem) in try PolicyFile(at: path, kernel: kernel) }
        } then: { [self] result in
            isReading = false
            take(result)
            guard mustReadAgain else { return }
            mustReadAgain = false
            reload()
        }
    }

    private func take(_ result: Result<PolicyFile, PolicyProblem>) {
        switch result {
        case .success(let file):
            policy.file = file
            logger.notice(
                "the policy was read",
                metadata: ["file": "\(path)", "rules": "\(file.rules.count)"]
            )
            changed()
        case .failure(let problem):
            logger.error(
                "the policy file is refused, and the old policy stays in force",
                metadata: ["problem": "\(problem.sentence)"])
        }
    }
}

/// A descriptor that several closures keep open.
private final class OwnedDescriptorBox {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }
}

extension PolicyFile {
    /// Reads a file; for a worker, or before there is a loop to be held up.
    init(at path: String, kernel: any Kernel) throws(PolicyProblem) {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try kernel.contents(of: path, sizeMax: Limits.configurationBytesMax)
        } catch {
            throw PolicyProblem(
                file: path, line: nil,
                problem: "it cannot be read: \(error); check the path and its permissions")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PolicyProblem(file: path, line: nil, problem: "it is not UTF-8")
        }
        try self.init(parsing: text, file: path)
    }
}
