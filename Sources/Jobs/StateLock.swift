import Reactor

/// The right to a state directory: a locked file in it, for as long as this value lives.
///
/// The lock ends with the process, however that ends, so there is nothing to clean up. flock(2).
final class StateLock {
    private let file: OwnedDescriptor

    /// Makes the directory if it is missing, and locks it.
    init(of directory: String, kernel: any Kernel, processID: Int32?) throws(JobError) {
        let path = "\(directory)/lock"
        do {
            try kernel.findOrMakeDirectory(directory, mode: 0o700)
            file = try kernel.openFile(path, flags: [.readWrite, .create])
        } catch {
            throw .storageUnavailable(path: directory, problem: "\(error)")
        }
        do {
            try kernel.lockExclusive(file.raw)
        } catch .again {
            throw .stateDirectoryInUse(
                path: directory, holder: StateLock.holder(named: path, kernel))
        } catch {
            throw .storageUnavailable(path: path, problem: "\(error)")
        }
        note(processID, kernel)
    }

    /// Leaves this process's number, for the sentence that a second daemon dies with.
    private func note(_ processID: Int32?, _ kernel: any Kernel) {
        guard let processID else { return }
        let line = Buffer(capacity: 16)
        // The line end ends the number, should a longer one have stood there before.
        line.append(Array("\(processID)\n".utf8))
        let raw = file.raw
        // Without it the lock is as good, and only the sentence says less.
        _ = try? line.withReadableBytes { bytes throws(Errno) in
            try kernel.writeFileNow(raw, at: 0, bytes)
        }
    }

    private static func holder(named path: String, _ kernel: any Kernel) -> Int32? {
        guard let bytes = try? kernel.contents(of: path, sizeMax: 16) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
