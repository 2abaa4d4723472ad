import Reactor
import ShimProtocol
import Synchronization

@testable import Jobs

/// The files, the inotify and the clock of a ``LogModel``.
final class LogModelKernel: Kernel {
    private struct State {
        var log: [UInt8] = []
        var index: [UInt8]
        var endRecord: EndRecord?
        var clock: UInt64 = 1_000_000
        var open: [Int32: File] = [:]
        var nextDescriptor: Int32 = 10
        var armedWatch: Int32?
        var nextWatch: Int32 = 1
        var events: [Int32] = []
        /// What the shim does in the middle of something.
        var interruption: Interruption?
    }

    /// A step of the shim, and when it takes it.
    struct Interruption {
        let step: LogModel.ShimStep
        var place: Place
    }

    /// Where the shim may come in between.
    enum Place: Hashable {
        /// Just before the next watch is there.
        case watch
        /// Just before a read of the page cache, after so many others.
        case cachedRead(after: Int)
    }

    private enum File: Equatable {
        case log, index, inotify
    }

    private let state: Mutex<State>
    /// No read brings more bytes.
    private let readMax: Int
    /// Whether what is read is in the page cache.
    private let isCached: Bool

    init(readMax: Int, isCached: Bool) {
        self.readMax = readMax
        self.isCached = isCached
        let header = LogModelKernel.header(head: 0)
        state = Mutex(State(index: header))
    }

    private static func header(head: UInt64, firstRecord: UInt64 = 0) -> [UInt8] {
        IndexHeader(
            jobID: LogModel.jobID.bytes, head: head, createdNanoseconds: 1,
            firstRecord: firstRecord
        ).encoded()
    }

    // MARK: The shim's side

    var endRecord: EndRecord? { state.withLock { $0.endRecord } }
    var logSize: UInt64 { state.withLock { UInt64($0.log.count) } }
    /// How many files are open; the inotify is none, and stays.
    var openFileCount: Int { state.withLock { $0.open.values.count { $0 != .inotify } } }
    var eventCount: Int { state.withLock { $0.events.count } }
    var hasWatch: Bool { state.withLock { $0.armedWatch != nil } }

    /// Puts other files in the place of those that are there.
    func replace(log: [UInt8], index: [UInt8]) {
        state.withLock { state in
            state.log = log
            state.index = index
        }
    }

    func appendToIndex(_ record: IndexRecord) {
        appendToIndex(record.encoded()[...])
        if case .end(let end) = record { state.withLock { $0.endRecord = end } }
    }

    /// What was written of a record before, and is not whole, is overwritten.
    private func appendToIndex(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            state.index.removeLast(state.index.count % IndexRecord.size)
            state.index += bytes
        }
    }

    func appendToLog(_ bytes: [UInt8]) {
        changeLog { $0 += bytes }
    }

    func truncateLog(to size: Int) {
        changeLog { $0.removeLast($0.count - size) }
    }

    /// Lets the shim take a step in the middle of what happens next.
    func interrupt(at place: Place, with step: LogModel.ShimStep) {
        state.withLock { $0.interruption = Interruption(step: step, place: place) }
    }

    /// The place is reached; what was to happen there does.
    private func reached(_ isReached: (inout Place) -> Bool) {
        let step = state.withLock { state -> LogModel.ShimStep? in
            guard var interruption = state.interruption else { return nil }
            let isReached = isReached(&interruption.place)
            state.interruption = isReached ? nil : interruption
            return isReached ? interruption.step : nil
        }
        if let step { precondition(perform(step), "a shim exits by itself") }
    }

    /// Calls that off; false when it has happened.
    func cancelInterruption() -> Bool {
        state.withLock { state in
            defer { state.interruption = nil }
            return state.interruption != nil
        }
    }

    /// Does what changes the files; false when the step is of another kind.
    func perform(_ step: LogModel.ShimStep) -> Bool {
        switch step {
        case .record(let record): appendToIndex(record)
        case .half(let record): appendToIndex(record.encoded().prefix(IndexRecord.size / 2))
        case .bytes(let text): appendToLog(Array(text.utf8))
        case .publishHead(let head, let firstRecord):
            writeHeader(head: head, firstRecord: firstRecord)
        case .punch(let end): punch(below: end)
        case .punchIndex(let end): punchIndex(below: end)
        case .truncate(let size): truncateLog(to: size)
        case .start, .exit: return false
        }
        return true
    }

    func writeHeader(head: UInt64, firstRecord: UInt64 = 0) {
        let header = LogModelKernel.header(head: head, firstRecord: firstRecord)
        state.withLock { $0.index.replaceSubrange(..<IndexHeader.size, with: header) }
    }

    func punch(below end: UInt64) {
        changeLog { log in for place in 0..<Int(end) { log[place] = 0 } }
    }

    func punchIndex(below number: UInt64) {
        let end = Int(IndexReader.position(ofRecord: number))
        state.withLock { state in
            for place in IndexHeader.size + IndexRecord.size..<end { state.index[place] = 0 }
        }
    }

    /// Writes; a watch that is armed has one event, and is spent.
    private func changeLog(_ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            change(&state.log)
            guard let watch = state.armedWatch else { return }
            state.armedWatch = nil
            state.events.append(watch)
        }
    }

    // MARK: The backend's side

    func canComplete(_ operation: Operation) -> Bool {
        guard case .readPipe = operation else { return true }
        return state.withLock { !$0.events.isEmpty }
    }

    func complete(_ operation: Operation) -> Outcome {
        switch operation {
        case .readFile(let raw, let offset, let count, let buffer):
            let bytes = content(of: raw).dropFirst(Int(offset)).prefix(min(count, readMax))
            buffer.append(Array(bytes))
            return .success(bytes.count)
        case .readPipe(_, let buffer):
            let events = state.withLock { state in
                defer { state.events = [] }
                return state.events
            }
            for watch in events { buffer.append(LogModelKernel.modification(of: watch)) }
            return .success(buffer.readableCount)
        default:
            return .failure(.notImplemented)
        }
    }

    /// An event of inotify(7): watch, mask, cookie and length, without a name.
    private static func modification(of watch: Int32) -> [UInt8] {
        let fields = [UInt32(bitPattern: watch), WatchMask.modified.rawValue, 0, 0]
        return fields.flatMap { field in
            (0..<4).map { UInt8(truncatingIfNeeded: field >> (8 * $0)) }
        }
    }

    private func content(of raw: Int32) -> [UInt8] {
        state.withLock { state in
            switch state.open[raw] {
            case .log: state.log
            case .index: state.index
            case .inotify, nil: preconditionFailure("no file is open as \(raw)")
            }
        }
    }

    func setClock(to instant: Instant) {
        state.withLock { $0.clock = max($0.clock, instant.nanoseconds) }
    }

    // MARK: Kernel

    var monotonicNow: Instant { Instant(nanoseconds: state.withLock { $0.clock }) }
    /// All time passes at work.
    var processorTime: Duration { .nanoseconds(monotonicNow.nanoseconds) }
    var wallClockNow: Timestamp { Timestamp(nanoseconds: 1) }

    func close(_ raw: Int32) {
        state.withLock { state in
            precondition(state.open.removeValue(forKey: raw) != nil, "closed twice")
        }
    }

    private func open(_ file: File) -> OwnedDescriptor {
        let raw = state.withLock { state in
            state.nextDescriptor += 1
            state.open[state.nextDescriptor] = file
            return state.nextDescriptor
        }
        return OwnedDescriptor(raw, of: self)
    }

    func openFile(_ path: String, flags: OpenFlags, mode: UInt32) -> OwnedDescriptor {
        open(path.hasSuffix(".log") ? .log : .index)
    }

    func makeDirectory(_ path: String, mode: UInt32) {}

    func status(of raw: Int32) -> FileStatus { status(size: content(of: raw).count) }

    func status(at path: String) -> FileStatus {
        state.withLock { status(size: path.hasSuffix(".log") ? $0.log.count : $0.index.count) }
    }

    private func status(size: Int) -> FileStatus {
        FileStatus(
            size: UInt64(size), device: 1, inode: 1, links: 1, kind: .regular, mode: 0o600, uid: 0)
    }

    func readFileNow(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        let content = content(of: raw).dropFirst(Int(offset)).prefix(bytes.count)
        bytes.copyBytes(from: content)
        return content.count
    }

    func readFileCached(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        guard isCached else { throw .again }
        reached { place in
            guard case .cachedRead(let count) = place else { return false }
            if count > 0 { place = .cachedRead(after: count - 1) }
            return count == 0
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(readMax))
        return readFileNow(raw, at: offset, into: room)
    }

    func makeInotify() -> OwnedDescriptor { open(.inotify) }

    func addWatch(inotify: Int32, path: String, mask: WatchMask) -> WatchDescriptor {
        reached { $0 == .watch }
        return state.withLock { state in
            state.nextWatch += 1
            state.armedWatch = state.nextWatch
            return WatchDescriptor(rawValue: state.nextWatch)
        }
    }

    func removeWatch(inotify: Int32, _ watch: WatchDescriptor) throws(Errno) {
        try state.withLock { state throws(Errno) in
            guard state.armedWatch == watch.rawValue else { throw .invalidArgument }
            state.armedWatch = nil
        }
    }
}

/// What a log has no use for.
extension LogModelKernel {
    func fillRandom(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
    func releaseFreeMemory() {}
    func makePipe() throws(Errno) -> PipeEnds { throw .notImplemented }
    func makeSocketPair() throws(Errno) -> SocketPair { throw .notImplemented }
    func listen(on address: SocketAddress, backlog: Int32) throws(Errno) -> OwnedDescriptor {
        throw .notImplemented
    }
    func localAddress(of raw: Int32) throws(Errno) -> SocketAddress { throw .notImplemented }
    func remoteAddress(of raw: Int32) throws(Errno) -> SocketAddress { throw .notImplemented }
    func makeStreamSocket(for address: SocketAddress) throws(Errno) -> OwnedDescriptor {
        throw .notImplemented
    }
    func setNoDelay(_ raw: Int32) throws(Errno) { throw .notImplemented }
    func setNotSentLowWater(_ raw: Int32, bytes: Int32) throws(Errno) { throw .notImplemented }
    func unsentByteCount(of raw: Int32) -> Int { 0 }
    func shutdownWrite(_ raw: Int32) throws(Errno) { throw .notImplemented }
    func exchangeNetlink(family: Int32, _ request: [UInt8]) throws(Errno) -> [UInt8] {
        throw .notImplemented
    }
    func makeSealedFile(_ name: String, containing: [UInt8]) throws(Errno) -> OwnedDescriptor {
        throw .notImplemented
    }
    func removeFile(_ path: String) throws(Errno) { throw .notImplemented }
    func fileSystemSize(at path: String) throws(Errno) -> UInt64 { throw .notImplemented }
    func removeDirectory(_ path: String) throws(Errno) { throw .notImplemented }
    func rename(_ path: String, to newPath: String) throws(Errno) { throw .notImplemented }
    func writeFileNow(
        _ raw: Int32, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) throws(Errno) -> Int { throw .notImplemented }
    func synchronize(_ raw: Int32) throws(Errno) { throw .notImplemented }
    func synchronizeDirectory(_ path: String) throws(Errno) { throw .notImplemented }
    func mountImage(_ path: String, at directory: String) throws(Errno) { throw .notImplemented }
    func unmount(_ directory: String) throws(Errno) { throw .notImplemented }
    // The shim is none that would hold it.
    func lockExclusive(_ raw: Int32) throws(Errno) {}
    func list(_ directory: String, _ take: (String) -> Void) throws(Errno) {
        throw .notImplemented
    }
    func spawn(_ spawn: ProcessSpawn) throws(Errno) -> SpawnedProcess { throw .notImplemented }
    func openProcess(_ pid: Int32) throws(Errno) -> OwnedDescriptor { throw .notImplemented }
    func signal(_ pidfd: Int32, _ number: Int32, value: Int32?) throws(Errno) {
        throw .notImplemented
    }
    func reap(_ pidfd: Int32) throws(Errno) -> WaitStatus? { throw .notImplemented }
    func makeSignalDescriptor(_ numbers: [Int32]) throws(Errno) -> OwnedDescriptor {
        throw .notImplemented
    }
}
