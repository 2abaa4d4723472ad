package import Reactor
package import Simulator

/// The machines a reactor runs on.
package enum MachineKind: String, CaseIterable, Sendable {
    /// This host, with epoll.
    case epoll
    /// This host, with io_uring.
    case ioUring = "io_uring"
    /// A machine in memory.
    case simulated

    /// Those that are this host.
    package static let real: [MachineKind] = [.epoll, .ioUring]

    /// All of them: what a reactor promises, it promises on each.
    package static var all: [MachineKind] { allCases }
}

/// A machine for one test, with a loop and a directory of its own.
package final class Machine {
    /// The loop.
    package let reactor: Reactor
    /// The machine in memory, if it is one.
    package let simulated: SimulatedMachine?
    /// An empty directory, which is gone with this value.
    package let directory: String

    private let onDisk: MachineDirectory?

    /// So long may the test wait for anything; a simulated machine knows at once.
    private static let patience: Duration = .seconds(30)

    /// Makes a machine of that kind; seed and faults are for the simulated one.
    package init(_ kind: MachineKind, seed: UInt64 = 1, faults: FaultPlan = .none) throws {
        switch kind {
        case .epoll, .ioUring:
            simulated = nil
            reactor = try Reactor(choosing: kind == .epoll ? .epoll : .ioUring)
            let onDisk = MachineDirectory()
            self.onDisk = onDisk
            directory = onDisk.path
        case .simulated:
            let machine = SimulatedMachine(seed: seed, faults: faults)
            simulated = machine
            reactor = machine.makeReactor()
            onDisk = nil
            directory = "/tmp/test"
        }
        try kernel.makeDirectory(directory, mode: 0o700)
    }

    deinit {
        reactor.dismantle()
    }

    /// The kernel of the machine.
    package var kernel: any Kernel { reactor.kernel }

    /// A path in the directory.
    package func path(_ name: String) -> String { "\(directory)/\(name)" }

    // MARK: Waiting

    /// Turns the loop until something has come about.
    package func turn(until isDone: () -> Bool) throws {
        var isOverdue = false
        let watchdog = reactor.schedule(after: Self.patience) { isOverdue = true }
        defer { reactor.cancel(watchdog) }
        while !isDone() {
            if isOverdue { throw Overdue() }
            try reactor.turn()
        }
    }

    /// Carries out one operation from its beginning to its end.
    package func outcome(of operation: Operation) throws -> Outcome {
        var result: Outcome?
        reactor.submit(operation) { result = $0 }
        try turn { result != nil }
        return try result ?? { throw Overdue() }()
    }

    /// The value of an operation that must go well.
    @discardableResult
    package func complete(_ operation: Operation) throws -> Int {
        try outcome(of: operation).get()
    }

    /// What was waited for did not come.
    package struct Overdue: Error {
        /// Nothing more is known.
        package init() {}
    }

    // MARK: Files

    /// Appends to a file in the directory as another process would.
    package func append(_ text: String, to name: String) throws {
        if let simulated { return try simulated.append(Array(text.utf8), to: path(name)) }
        let file = try kernel.openFile(path(name), flags: [.writeOnly, .create, .append])
        var bytes = Array(text.utf8)
        let count = try bytes.withUnsafeMutableBytes { bytes in
            try kernel.writeFileNow(file.raw, at: 0, UnsafeRawBufferPointer(bytes))
        }
        precondition(count == bytes.count, "a disk takes a few bytes whole")
    }
}

extension Buffer {
    /// A buffer with readable text.
    package convenience init(_ text: String) {
        self.init([UInt8](text.utf8))
    }

    /// A buffer with readable bytes.
    package convenience init(_ bytes: [UInt8]) {
        self.init(capacity: max(bytes.count, 1))
        append(bytes)
    }

    /// The readable bytes as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
