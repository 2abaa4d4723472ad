import Glibc
import ShimProtocol
import Testing

/// Real storage that fails in real ways: the job never feels it, what is missing is told, and how
/// the job ended is known in any case.
@Suite(.timeLimit(.minutes(10)))
struct ShimStorageTests {
    typealias Mode = ShimProcess.Mode

    /// What may happen to the files of a running job.
    enum Mishap: String, CaseIterable, Sendable {
        case removed, moved, madeInaccessible

        func happen(to directory: ScratchDirectory) throws {
            let path = directory.path
            switch self {
            case .removed:
                for name in ["log", "index"] { try check(unlink("\(path)/\(name)")) }
            case .moved:
                try check(rename(path, path + "-elsewhere"))
            case .madeInaccessible:
                try check(chmod(path, 0))
            }
        }

        /// So that the directory can be tidied up.
        func undo(in directory: ScratchDirectory) throws {
            switch self {
            case .removed: break
            case .moved: try check(rename(directory.path + "-elsewhere", directory.path))
            case .madeInaccessible: try check(chmod(directory.path, 0o777))
            }
        }
    }

    @Test(arguments: Mode.available, Mishap.allCases)
    func `the way to the files may vanish`(mode: Mode, mishap: Mishap) throws {
        let directory = try ScratchDirectory()
        let (witness, gate) = (try Witness(in: directory), try Gate(in: directory))
        let shim = try ShimProcess(
            .shell(
                "echo before; echo > \(witness.path); read line < \(gate.path); echo after; exit 3"
            ), mode: mode)
        _ = try witness.readLine()
        let path = shim.directory.path
        let (log, index) = (
            try ReadableFile("\(path)/log"), try ReadableFile("\(path)/index")
        )
        try mishap.happen(to: shim.directory)
        try gate.open()
        #expect(shim.end() == .exited(0))
        try mishap.undo(in: shim.directory)
        #expect(log.contents == Array("before\nafter\n".utf8))
        let end = try #require(index.end)
        #expect(end.how == .exited(code: 3) && end.outputSize == 13 && end.droppedBytes == 0)
    }

    /// The index is full long before the log is: output that it cannot describe is dropped.
    @Test(arguments: Mode.available)
    func `an index at its file size limit still takes the end`(mode: Mode) throws {
        // Whenever a process is made, the shim has time for what was written before.
        let lines = "for i in $(seq 200); do printf o; /bin/true; printf e >&2; done; exit 4"
        let shim = try ShimProcess(
            .shell(lines), mode: mode, wrapper: ["/usr/bin/prlimit", "--fsize=1500"])
        #expect(shim.end() == .exited(0))
        #expect(shim.indexBytes.count <= 1500)
        let end = try #require(shim.verdict)
        #expect(end.how == .exited(code: 4) && end.droppedBytes > 0)
        #expect(end.outputSize + end.droppedBytes == 400)
        #expect(shim.gaps.map(\.droppedBytes) == [end.droppedBytes])
        #expect(shim.gaps.map(\.reason) == [.fileTooLarge])
    }

    /// `head` needs all its writes to succeed, and does not end if one of them waits.
    @Test(.enabled(if: canMountUnseen), arguments: Mode.available.filter { $0 != .unprivileged })
    func `a disk that stays full costs output, and no more`(mode: Mode) throws {
        let files = try end(
            "head -c 3000000 /dev/zero; echo x >&2; exit 5", mode, "exec 4> /mnt/log 5> /mnt/index")
        let end = try #require(files.index.end)
        #expect(end.how == .exited(code: 5))
        #expect(end.outputSize + end.droppedBytes == 3_000_002)
        // The last gap has a record of its own: room for it was kept.
        let gaps = files.index.gaps
        #expect(gaps.reduce(0) { $0 + $1.droppedBytes } == end.droppedBytes)
        #expect(gaps.allSatisfy { $0.reason == .noSpace })
        #expect(files.log.contents.count == Int(end.outputSize))
    }

    /// The index has one page for itself, and more when the job has seen to it.
    @Test(.enabled(if: canMountUnseen), arguments: Mode.available.filter { $0 != .unprivileged })
    func `an index without space costs output until there is some`(mode: Mode) throws {
        let fill = """
            : > /mnt/index; fallocate --keep-size --length 4096 /mnt/index; exec 5<> /mnt/index
            head -c 2000000 /dev/zero > /mnt/ballast
            """
        let lines = """
            for i in $(seq 200); do printf o; /bin/true; printf e >&2; done
            rm /mnt/ballast; echo after
            """
        let files = try end(lines, mode, fill)
        let end = try #require(files.index.end)
        #expect(end.how == .exited(code: 0))
        #expect(end.droppedBytes > 0 && end.outputSize + end.droppedBytes == 406)
        #expect(files.index.gaps.reduce(0) { $0 + $1.droppedBytes } == end.droppedBytes)
        #expect(String(decoding: files.log.contents, as: UTF8.self).contains("after\n"))
    }

    /// fdatasync(2) refuses /dev/null.
    @Test(arguments: Mode.available)
    func `a log that cannot be synchronized does not cost the verdict`(mode: Mode) throws {
        let toNull = ["/bin/sh", "-c", "exec 4> /dev/null && exec \"$@\"", "sh"]
        let shim = try ShimProcess(.shell("echo hi; exit 6"), mode: mode, wrapper: toNull)
        #expect(shim.end() == .exited(0))
        let end = try #require(shim.verdict)
        #expect(end.how == .exited(code: 6) && !end.isLogSynchronized)
    }

    @Test func `a log that can is synchronized`() throws {
        let shim = try ShimProcess(.shell("echo hi"))
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.isLogSynchronized == true)
    }

    /// Runs a job to its end with a file system of 1 MiB at /mnt that only its shim sees; `open`
    /// is what the shell that becomes the shim does there.
    private func end(
        _ line: String, _ mode: Mode, _ open: String
    ) throws -> (log: ReadableFile, index: ReadableFile) {
        let directory = try ScratchDirectory()
        let (witness, gate) = (try Witness(in: directory), try Gate(in: directory))
        let mount = "mount -t tmpfs -o size=1m tmpfs /mnt; \(open); exec \"$@\""
        let shim = try ShimProcess(
            .shell("echo > \(witness.path); read line < \(gate.path); \(line)"), mode: mode,
            wrapper: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
        _ = try witness.readLine()
        let files = try shim.openFiles()
        try gate.open()
        #expect(shim.end() == .exited(0))
        return files
    }
}

/// A file that stays readable wherever its name leads.
final class ReadableFile {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = try check(open(path, O_RDONLY | O_CLOEXEC))
    }

    deinit { close(descriptor) }

    /// All of it.
    var contents: [UInt8] {
        lseek(descriptor, 0, SEEK_SET)
        return readToEnd(descriptor)
    }

    /// Its whole records, if it is an index.
    private var records: [IndexRecord] {
        let bytes = contents
        return stride(from: IndexHeader.size, to: bytes.count, by: IndexRecord.size)
            .compactMap { IndexRecord(decoding: Array(bytes[$0...].prefix(IndexRecord.size))) }
    }

    var end: EndRecord? {
        guard case .end(let end)? = records.last else { return nil }
        return end
    }

    var gaps: [Gap] { records.compactMap(Gap.init) }
}

extension ShimProcess {
    /// The files as the shim has them open.
    func openFiles() throws -> (log: ReadableFile, index: ReadableFile) {
        (
            log: try ReadableFile("/proc/\(pid)/fd/\(ShimDescriptor.log)"),
            index: try ReadableFile("/proc/\(pid)/fd/\(ShimDescriptor.index)")
        )
    }
}
