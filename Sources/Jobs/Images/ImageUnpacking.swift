import Reactor
import ShimProtocol

/// Turns an archive into files, in processes of its own: one makes the files, and another undoes the
/// compression if there is one.
final class ImageUnpacking {
    /// What there is to unpack, and where.
    struct Order {
        let archive: HeldFile
        let root: HeldFile
        /// The program that undoes the compression, if there is one.
        let decompressor: String?
        let byteCountMax: UInt64
        let entryCountMax: UInt64
    }

    /// What came of it: how many bytes the image takes, or why there is none.
    typealias Result = Swift.Result<UInt64, ImageError>

    private let order: Order
    private let reactor: Reactor
    private let report = Buffer(capacity: UnpackReport.encodedSizeMax)
    private let onEnd: (Result) -> Void
    private var processes: [ImageProcess] = []
    /// The processes, the pipe that tells, and the beginning itself: the end is told once.
    private var awaited = 0
    /// What kept a process from being started.
    private var obstacle: Errno?
    private var decompressorFailed = false

    init(_ order: Order, reactor: Reactor, onEnd: @escaping (Result) -> Void) {
        self.order = order
        self.reactor = reactor
        self.onEnd = onEnd
    }

    /// Starts the processes; if one cannot be started, that is told when the others have ended,
    /// which may be before `begin` returns.
    func begin(with program: ImageProgram) {
        awaited += 1
        do throws(Errno) {
            try start(with: program)
        } catch {
            obstacle = error
            stop()
        }
        finishOne()
    }

    private func start(with program: ImageProgram) throws(Errno) {
        let told = try reactor.kernel.makePipe()
        if let decompressor = order.decompressor {
            let pipe = try reactor.kernel.makePipe()
            try startDecompressor(decompressor, into: pipe.write.raw, program)
            try startUnpacker(from: pipe.read.raw, told.write.raw, program)
        } else {
            try startUnpacker(from: order.archive.descriptor.raw, told.write.raw, program)
        }
        awaited += 1
        readReport(HeldFile(told.read))
    }

    /// Ends the processes at once; the end is told all the same.
    func stop() {
        for process in processes { process.kill() }
    }

    private func startDecompressor(
        _ path: String, into pipe: Int32, _ program: ImageProgram
    ) throws(Errno) {
        try start(
            program.spawn(.decompress, [path], [0: order.archive.descriptor.raw, 1: pipe])
        ) { [self] status in
            decompressorFailed = status != .exited(code: 0)
        }
    }

    private func startUnpacker(
        from archive: Int32, _ pipe: Int32, _ program: ImageProgram
    ) throws(Errno) {
        let words = ["\(order.byteCountMax)", "\(order.entryCountMax)"]
        let files = [
            0: archive, ImageDescriptor.directory: order.root.descriptor.raw,
            ImageDescriptor.report: pipe,
        ]
        try start(program.spawn(.unpack, words, files)) { _ in }
    }

    private func start(
        _ spawn: ProcessSpawn, then: @escaping (WaitStatus?) -> Void
    ) throws(Errno) {
        let process = try ImageProcess(spawn, reactor: reactor) { [self] status in
            then(status)
            finishOne()
        }
        processes.append(process)
        awaited += 1
    }

    /// One write of the process's fills it; the end of the pipe comes with that of the process.
    private func readReport(_ pipe: HeldFile) {
        reactor.submit(.readPipe(pipe.descriptor.raw, into: report)) { [self] outcome in
            if case .success(1...) = outcome, report.writableCount > 0 { return readReport(pipe) }
            finishOne()
        }
    }

    private func finishOne() {
        awaited -= 1
        guard awaited == 0 else { return }
        processes = []
        onEnd(result)
    }

    private var result: Result {
        if let obstacle {
            return .failure(.unavailable(missing: "no process can be started: \(obstacle)"))
        }
        return switch try? UnpackReport(decoding: report.bytes) {
        case nil:
            // Killed: by us, or because it took too much memory.
            .failure(.unusable(problem: "unpacking it takes more than the server allows"))
        case .refused(.tooLarge, _)?: .failure(.tooLarge(limit: order.byteCountMax))
        case .refused(let fault, _)? where decompressorFailed && fault != .leadsOut:
            .failure(.unusable(problem: "its compression is damaged"))
        case .refused(let fault, let path)?:
            .failure(.unusable(problem: fault.sentence(at: path)))
        case .failed(let errno, let path)?:
            .failure(ImageError(unpacking: Errno(rawValue: errno), at: path))
        case .unpacked? where decompressorFailed:
            .failure(.unusable(problem: "its compression is damaged"))
        case .unpacked(let byteCount)?:
            .success(byteCount)
        }
    }
}

extension ArchiveFault {
    /// As it follows "this cannot be an image: ".
    fileprivate func sentence(at path: String) -> String {
        let place = path.isEmpty ? "" : " at \(quoted(path))"
        return switch self {
        case .notAnArchive:
            "it is no tar archive, plain or compressed by gzip, xz or zstd"
        case .damaged: "the archive is cut off or damaged" + place
        case .empty: "there is nothing in it"
        case .leadsOut: "the archive has a path that leads out of the image" + place
        case .sparse: "the archive has a sparse file\(place); pack it without --sparse"
        case .tooLarge: "it is too large"
        case .tooManyFiles: "it has too many files"
        }
    }
}

extension ImageError {
    /// A failure of the host, or one that the archive brought about by what it wanted to be made.
    fileprivate init(unpacking error: Errno, at path: String) {
        switch error {
        case .noSpace, .quotaExceeded: self = .storageFull(problem: "\(error)")
        default:
            let file = path.isEmpty ? "a file" : quoted(path)
            self = .unusable(problem: "\(file) cannot be made: \(error)")
        }
    }
}
