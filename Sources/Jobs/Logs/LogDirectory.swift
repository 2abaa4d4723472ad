import Reactor
import ShimProtocol

/// Where the outputs of jobs lie: for each job a log and an index, named after it.
///
/// Both are plain files that their owner may read. Making and removing them may take long, so that
/// is for a worker; a directory can be handed to one.
struct LogDirectory: Sendable {
    /// The path of the directory.
    let path: String
    let kernel: any Kernel

    /// Only their owner may enter the directory and read the files: output is nobody else's.
    private static let directoryMode: UInt32 = 0o700

    /// Finds or makes the directory.
    init(path: String, kernel: any Kernel) throws(Errno) {
        self.path = path
        self.kernel = kernel
        try kernel.findOrMakeDirectory(path, mode: LogDirectory.directoryMode)
    }

    /// The plain bytes of a job's output.
    func logPath(of id: JobID) -> String { "\(path)/\(id).log" }

    /// Which bytes came when and from where, and how the job ended.
    func indexPath(of id: JobID) -> String { "\(path)/\(id)\(LogDirectory.indexSuffix)" }

    private static let indexSuffix = ".idx"

    /// The job whose index has that name; nil when none could have it.
    func jobID(ofIndex name: String) -> JobID? {
        guard name.hasSuffix(LogDirectory.indexSuffix) else { return nil }
        let stem = name.dropLast(LogDirectory.indexSuffix.count)
        // Identifiers are read in either case, and written in lower case.
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "F")
        guard !stem.utf8.contains(where: capitals.contains) else { return nil }
        return JobID(String(stem))
    }

    /// Makes the files of a new job, both empty; leaves nothing behind when one cannot be made.
    func make(for id: JobID) throws(Errno) -> NewLog {
        let index = try kernel.openFile(
            indexPath(of: id), flags: [.readWrite, .create, .exclusive])
        do throws(Errno) {
            // Before anybody can look: whoever finds the index unlocked takes the job for ended.
            try kernel.lockExclusive(index.raw)
            let log = try kernel.openFile(
                logPath(of: id), flags: [.readWrite, .create, .exclusive])
            return NewLog(log: log, index: index)
        } catch {
            try? remove(id)
            throw error
        }
    }

    /// Removes the files of a job, as far as they are there.
    func remove(_ id: JobID) throws(Errno) {
        for path in [logPath(of: id), indexPath(of: id)] {
            do {
                try kernel.removeFile(path)
            } catch .noEntry {
                continue
            }
        }
    }

    /// The size of a job's log at this moment.
    func outputSize(of id: JobID) throws(Errno) -> UInt64 {
        try kernel.status(at: logPath(of: id)).size
    }

    /// What the files of a job take of the disk, as far as they are there.
    func allocatedBytes(of id: JobID) -> UInt64 {
        [logPath(of: id), indexPath(of: id)].reduce(0) { sum, path in
            sum + ((try? kernel.status(at: path).allocatedSize) ?? 0)
        }
    }

    /// How far the output of a job reached that has left no end: as far as its log goes, or as its
    /// index speaks of bytes that the log has lost.
    func lostOutputSize(of id: JobID) throws(Errno) -> UInt64 {
        let size = try outputSize(of: id)
        do {
            let index = try openIndex(of: id)
            return max(size, try IndexReader(raw: index.raw, kernel: kernel).lastOffset())
        } catch .noEntry {
            return size
        }
    }

    /// Opens the index of a job for reading.
    func openIndex(of id: JobID) throws(Errno) -> OwnedDescriptor {
        try kernel.openFile(indexPath(of: id), flags: [.readOnly, .noFollow])
    }

    /// Opens the files of a job for reading; sealed, if it has ended.
    func open(_ id: JobID, isSealed: Bool) throws(Errno) -> LogFile {
        let log = try kernel.openFile(logPath(of: id), flags: [.readOnly, .noFollow])
        let index = try openIndex(of: id)
        return LogFile(
            jobID: id, path: logPath(of: id), log: log, index: index, isSealed: isSealed,
            kernel: kernel)
    }
}

/// The files of a job that is about to start, open for its shim.
final class NewLog: Sendable {
    let log: OwnedDescriptor
    /// Locked; whoever inherits it shares the lock.
    let index: OwnedDescriptor

    init(log: consuming OwnedDescriptor, index: consuming OwnedDescriptor) {
        self.log = log
        self.index = index
    }
}

extension Kernel {
    /// Makes a directory unless something of its name is there.
    func findOrMakeDirectory(_ path: String, mode: UInt32) throws(Errno) {
        do {
            try makeDirectory(path, mode: mode)
        } catch .exists {
            return
        }
    }
}
