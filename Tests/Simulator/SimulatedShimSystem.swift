import Glibc
import Reactor
package import ShimCore
import ShimProtocol

/// The system as a shim on a simulated machine sees it.
///
/// Its `wait` returns at once, so that the shim is driven turn by turn. Between any two calls the
/// machine may let everybody else go on, or the shim may die.
package final class SimulatedShimSystem: ShimSystem {
    let kernel: SimulatedKernel
    /// Lets others go on in the middle of a turn.
    var onCall: () -> Void = {}
    /// Whether the last wait found anything to do.
    private(set) var hasNews = false
    /// What the last wait would have waited for at the longest.
    private(set) var deadline: Instant?

    init(_ process: SimulatedProcess) {
        kernel = SimulatedKernel(of: process)
    }

    func call<Result: Sendable>(
        _ body: (inout MachineState) throws(Errno) -> Result
    ) throws(SystemError) -> Result {
        onCall()
        do throws(Errno) {
            return try kernel.call(body)
        } catch {
            throw SystemError(number: error.rawValue)
        }
    }

    // MARK: Time

    package var monotonicNanoseconds: Int64 { Int64(kernel.monotonicNow.nanoseconds) }
    package var wallClockNanoseconds: Int64 { kernel.wallClockNow.nanoseconds }
    package var processID: Int32 { kernel.pid }

    // MARK: Files

    package func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) throws(SystemError) -> Int {
        let bytes = [UInt8](bytes)
        return try call { (state) throws(Errno) in
            try state.write(bytes, to: try state.inode(descriptor), at: offset)
        }
    }

    package func size(of descriptor: Int32) throws(SystemError) -> UInt64 {
        try call { (state) throws(Errno) in
            state.status(of: try state.inode(descriptor)).size
        }
    }

    package func reserve(
        _ count: Int, in descriptor: Int32, at offset: UInt64
    ) throws(SystemError) {
        try call { (state) throws(Errno) in
            try state.reserve(count, in: try state.inode(descriptor), at: offset)
        }
    }

    package func punch(
        _ range: Range<UInt64>, of descriptor: Int32
    ) throws(SystemError) {
        try call { (state) throws(Errno) in
            try state.punch(range, of: try state.inode(descriptor))
        }
    }

    package func synchronize(
        _ descriptor: Int32, withinNanoseconds patience: Int64
    ) throws(SystemError) {
        try call { (state) throws(Errno) in
            if state.random.happens(state.faults.writeErrors) { throw .inputOutput }
        }
    }

    package func contents(
        of descriptor: Int32, atMost limit: Int
    ) throws(SystemError) -> [UInt8] {
        try call { (state) throws(Errno) in
            Array((state.inodes[try state.inode(descriptor)]?.bytes ?? []).prefix(limit))
        }
    }

    package func closeInput() {
        // Simulated commands read nothing.
    }

    package func prepareForPositionalWrites(_ descriptor: Int32) throws(SystemError) {
        try call { (state) throws(Errno) in
            let id = state.fileID(descriptor)
            state.openFiles[id]?.flags.remove(.append)
        }
    }

    package func close(_ descriptor: Int32) {
        onCall()
        kernel.close(descriptor)
    }

    // MARK: Pipes

    package func makeOutputPipe() throws(SystemError) -> (read: Int32, write: Int32) {
        try call { (state) throws(Errno) in try state.makePipe() }
    }

    package func capacity(ofPipe descriptor: Int32) -> Int {
        kernel.with { state in
            guard let id = state.descriptors[descriptor],
                case .stream(let queue?, _, _, _) = state.openFiles[id]?.kind
            else { return 0 }
            return state.queues[queue]?.capacity ?? 0
        }
    }

    package func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        let count = buffer.count
        let bytes = try call { (state) throws(Errno) in
            // A pipe gives all it has, and so a short message whole; pipe(7).
            let shortReads = state.faults.shortReads
            state.faults.shortReads = 0
            defer { state.faults.shortReads = shortReads }
            return try state.receive(descriptor, atMost: count)
        }
        buffer.copyBytes(from: bytes)
        return bytes.count
    }

    /// No message is longer than PIPE_BUF, so it goes in whole; pipe(7).
    package func write(_ message: [UInt8], toPipe descriptor: Int32) throws(SystemError) {
        try call { (state) throws(Errno) in
            var rest = message[...]
            while !rest.isEmpty {
                rest = rest.dropFirst(try state.send(Array(rest), to: descriptor))
            }
        }
    }

    package func send(_ message: [UInt8], on link: Int32) throws(SystemError) {
        preconditionFailure("there are no namespaces here")
    }

    package func receive(on link: Int32) throws(SystemError) -> [UInt8] {
        preconditionFailure("there are no namespaces here")
    }

    // MARK: Waiting

    package func silenceSignals() {}

    package func openSignals() throws(SystemError) -> Int32 {
        let numbers = Set([SIGCHLD] + ShimCommand.allCases.map(\.signalNumber))
        return try call { (state) throws(Errno) in
            try state.open(.signals(SignalState(owner: state.current, numbers: numbers)))
        }
    }

    package func readSignals(_ descriptor: Int32) -> [ShimSignal] {
        let events = try? call { (state) throws(Errno) in try state.takeSignals(descriptor) }
        return (events ?? []).map { event in
            ShimCommand(rawValue: event.number).map { .command($0, value: event.value) }
                ?? .childEnded
        }
    }

    package func wait(
        for descriptors: [Int32], until deadlineNanoseconds: Int64?
    ) -> [Int32] {
        deadline = deadlineNanoseconds.map { Instant(nanoseconds: UInt64($0)) }
        let ready = try? call { (state) throws(Errno) in
            let ready = descriptors.filter { state.isReadable($0) }
            let first = ready.filter { _ in !state.random.happens(state.faults.delays) }
            // What is delayed has its turn after all when there is nothing else to do.
            return first.isEmpty ? ready : first
        }
        let isDue = deadline.map { $0 <= kernel.monotonicNow } ?? false
        hasNews = ready?.isEmpty == false || isDue
        return ready ?? []
    }
}
