import Reactor

/// Everything a simulated machine consists of, as one value: its clock, its chance and its tables.
///
/// The chapters beside this file are the parts of a kernel. All of it is bytes and numbers, so that a
/// lock around it is all it takes to be asked from anywhere.
struct MachineState: Sendable {
    /// CLOCK_MONOTONIC, which moves only when the machine says so.
    var now = Instant(nanoseconds: 1_000_000_000)
    /// What the program has been told of the processor time it has had.
    var processorTime: Duration = .zero
    /// Calendar time is this far ahead: the first moment of 2026.
    let epoch: Int64 = 1_767_225_600_000_000_000
    /// While it is held, waiting does not let time pass.
    var isTimeHeld = false

    var random: SeededGenerator
    var faults: FaultPlan

    /// Whose system call is being carried out.
    var current = MachineState.firstProcess
    /// Open file descriptions, which several descriptors of several processes may share.
    var openFiles: [FileID: OpenFile] = [:]
    var queues: [QueueID: ByteQueue] = [:]
    var listeners: [SocketAddress: Listener] = [:]
    var inodes: [InodeID: Inode] = [:]
    var names: [String: InodeID] = [:]
    var processes: [Int32: ProcessState] = [:]
    var programs: [String: SimulatedProgram] = [:]
    var events = EventQueue()
    /// Processes that somebody has to play from now on.
    var newborn: [SimulatedProcess] = []
    /// What has happened, in words; kept only on demand.
    var keepsTrace = false
    var trace: [String] = []
    /// Whether control groups come to be frozen when they are told to.
    var freezes = true
    /// Why groups cannot be told to thaw, if they cannot.
    var thawError: Errno?
    private var lastID = 0

    /// The program under test, if it is only one.
    static let firstProcess: Int32 = 1
    /// Inherits orphans, and reaps them at once.
    static let initProcess: Int32 = 0

    init(seed: UInt64, faults: FaultPlan) {
        random = SeededGenerator(seed: seed)
        self.faults = faults
        makeRoot()
        processes[Self.firstProcess] = ProcessState(
            parent: Self.initProcess, spawn: ProcessSpawn(path: "", arguments: []))
    }

    /// CLOCK_REALTIME.
    var wallClockNow: Timestamp {
        Timestamp(nanoseconds: epoch + Int64(now.nanoseconds))
    }

    /// A number that nothing else on this machine has.
    mutating func makeID() -> Int {
        lastID += 1
        return lastID
    }

    /// Notes what has happened, and when.
    mutating func note(_ event: @autoclosure () -> String) {
        guard keepsTrace else { return }
        let microseconds = now.nanoseconds / 1000
        trace.append("\(microseconds) \(event())")
    }

    /// Lets go of all code that is still to be run.
    mutating func forgetEverybody() {
        events = EventQueue()
        newborn = []
        programs = [:]
        processes = [:]
    }

    mutating func takeNewborn() -> [SimulatedProcess] {
        defer { newborn = [] }
        return newborn
    }

    // MARK: Descriptors

    /// The descriptors of the process whose call is being carried out.
    var descriptors: DescriptorTable {
        get { processes[current]?.descriptors ?? DescriptorTable() }
        _modify {
            yield &processes[current, default: .gone].descriptors
        }
    }

    /// Opens a description under the lowest free number.
    mutating func open(_ kind: OpenFile.Kind, flags: OpenFlags = []) throws(Errno) -> Int32 {
        guard descriptors.count < descriptorsMax else {
            dispose(of: kind)
            throw .tooManyFiles
        }
        let id = FileID(makeID())
        openFiles[id] = OpenFile(kind: kind, flags: flags, references: 1)
        return descriptors.insert(id)
    }

    /// How many descriptors the process may have; RLIMIT_NOFILE.
    var descriptorsMax: Int { processes[current]?.descriptorsMax ?? faults.descriptorsMax }

    /// What a descriptor stands for; a closed one is a bug of its user, as on Linux.
    func fileID(_ raw: Int32) -> FileID {
        guard let id = descriptors[raw] else {
            preconditionFailure("descriptor \(raw) is not open")
        }
        return id
    }

    /// The description a descriptor stands for.
    func file(_ raw: Int32) -> OpenFile {
        guard let file = openFiles[fileID(raw)] else {
            preconditionFailure("a descriptor without a description")
        }
        return file
    }

    mutating func close(_ raw: Int32) {
        let id = fileID(raw)
        descriptors.remove(raw)
        drop(id)
    }

    /// Takes away one reference; the last one ends the description.
    mutating func drop(_ id: FileID) {
        guard var file = openFiles[id] else { preconditionFailure("dropped once too often") }
        file.references -= 1
        openFiles[id] = file.references > 0 ? file : nil
        guard file.references == 0 else { return }
        unlock(id, file)
        dispose(of: file.kind)
    }

    /// What becomes of a thing when nobody has it open any more.
    private mutating func dispose(of kind: OpenFile.Kind) {
        switch kind {
        case .stream(let incoming, let outgoing, _, _):
            if let incoming { closeReader(of: incoming) }
            if let outgoing { closeWriter(of: outgoing) }
        case .listener(let address):
            closeListener(address)
        case .file(let inode):
            closeInode(inode)
        case .socket, .inotify, .process, .signals:
            break
        }
    }
}

extension MachineState {
    /// What a description is, for people who look for a leak.
    func describe(_ id: FileID) -> String {
        switch openFiles[id]?.kind {
        case .stream(_, _, _, let remote?): "connection to \(remote)"
        case .stream: "stream"
        case .socket: "socket"
        case .listener(let address): "listener \(address)"
        case .file(let inode): "file \(names.first { $0.value == inode }?.key ?? "without a name")"
        case .inotify: "inotify"
        case .process(let pid): "process \(pid)"
        case .signals: "signals"
        case nil: "nothing"
        }
    }
}

/// Names an open file description.
struct FileID: Hashable, Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
}

/// An open file description: what open(2) makes and dup(2) shares.
struct OpenFile: Sendable {
    enum Kind: Sendable {
        /// An end of a pipe, or a connected socket, which has both directions.
        case stream(
            incoming: QueueID?, outgoing: QueueID?, local: SocketAddress?, remote: SocketAddress?)
        /// A socket that is not connected yet.
        case socket
        /// A socket that listens.
        case listener(SocketAddress)
        /// A file or directory.
        case file(InodeID)
        case inotify(InotifyState)
        /// A pidfd.
        case process(Int32)
        case signals(SignalState)
    }

    var kind: Kind
    var flags: OpenFlags
    var references: Int
    /// Where the next write or read without an offset goes.
    var position: UInt64 = 0
}

/// The descriptors of one process.
struct DescriptorTable: Sendable {
    private var files: [Int32: FileID] = [:]
    /// No number below is free; 0 to 2 are the standard streams, which a simulated program lacks.
    private var lowest: Int32 = 3

    /// How many are open.
    var count: Int { files.count }

    subscript(_ raw: Int32) -> FileID? { files[raw] }

    /// Gives the lowest free number, as POSIX promises: numbers are reused at once.
    mutating func insert(_ id: FileID) -> Int32 {
        while files[lowest] != nil { lowest += 1 }
        files[lowest] = id
        return lowest
    }

    /// Puts it under that very number, as dup2(2).
    mutating func set(_ raw: Int32, to id: FileID) {
        files[raw] = id
    }

    /// Answers what the number stood for.
    @discardableResult
    mutating func remove(_ raw: Int32) -> FileID? {
        if raw >= 3 { lowest = min(lowest, raw) }
        return files.removeValue(forKey: raw)
    }

    /// What stands behind the numbers, in their order.
    var inOrder: [FileID] { files.sorted { $0.key < $1.key }.map(\.value) }
}
