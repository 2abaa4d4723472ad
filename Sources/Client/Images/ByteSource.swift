import Glibc
import Reactor

/// What is to be sent, a piece at a time, without waiting for any.
protocol ByteSource: AnyObject {
    /// The next piece, if there is one now.
    func next() throws(Failure) -> BytePiece
    /// How much there is in all, if that is known.
    var byteCount: UInt64? { get }
    /// Gives up what is under way.
    func close()
}

/// What a ``ByteSource`` has.
enum BytePiece {
    case bytes([UInt8])
    /// Nothing now, and the loop turns when there is.
    case notYet
    case end
}

/// A file of this host.
final class FileSource: ByteSource {
    let byteCount: UInt64?

    private let reactor: Reactor
    private let path: String
    private let file: OwnedDescriptor
    private var offset: UInt64 = 0
    private var buffer = Buffer(capacity: Limits.imagePieceBytes)
    private var outcome: Outcome?
    private var isReading = false

    init(_ path: String, size: UInt64, reactor: Reactor) throws(Errno) {
        self.path = path
        self.reactor = reactor
        file = try reactor.kernel.openFile(path, flags: .readOnly)
        byteCount = size
    }

    /// Whether these are its first bytes.
    func begins(with mark: [UInt8]) -> Bool {
        let first = try? reactor.kernel.contents(of: path, sizeMax: mark.count)
        return first == mark
    }

    func next() throws(Failure) -> BytePiece {
        switch outcome {
        case nil:
            read()
            return .notYet
        case .success(0)?: return .end
        case .success(let count)?:
            offset += UInt64(count)
            let bytes = buffer.bytes
            buffer.clear()
            read()
            return .bytes(bytes)
        case .failure(let error)?:
            throw .local("cannot read \(path): \(error)")
        }
    }

    func close() {}

    private func read() {
        guard !isReading else { return }
        isReading = true
        outcome = nil
        reactor.submit(
            .readFile(file.raw, at: offset, count: buffer.capacity, into: buffer)
        ) { [self] in
            isReading = false
            outcome = $0
        }
    }
}

/// What tar(1) makes of a directory.
final class DirectorySource: ByteSource {
    let byteCount: UInt64? = nil

    private let reactor: Reactor
    private let path: String
    private let pipe: OwnedDescriptor
    private let process: OwnedDescriptor
    private var buffer = Buffer(capacity: Limits.imagePieceBytes)
    private var outcome: Outcome?
    private var isReading = false
    private var isEnding = false
    private var ending: WaitStatus?

    private static let programs = ["/usr/bin/tar", "/bin/tar"]

    init(_ path: String, reactor: Reactor) throws(Failure) {
        self.path = path
        self.reactor = reactor
        let kernel = reactor.kernel
        let program = Self.programs.first { (try? kernel.status(at: $0)) != nil }
        guard let program else {
            throw .local(
                "cannot pack \(path): tar is not installed here",
                remedy: "Install it, or pack the directory elsewhere.")
        }
        do throws(Errno) {
            let ends = try kernel.makePipe()
            let child = try kernel.spawn(
                ProcessSpawn(
                    path: program, arguments: ["tar"] + Self.arguments(path),
                    fileActions: [
                        ProcessSpawn.FileAction(target: 1, source: ends.write.raw),
                        ProcessSpawn.FileAction(target: 2, source: 2),
                    ]))
            pipe = ends.read
            process = child.descriptor
        } catch {
            throw .local("cannot start tar: \(error)")
        }
    }

    /// The archive depends on nothing but the files, so that its digest says whether two are equal.
    ///
    /// What somebody without privileges packs is root's in the image, for nobody else is there.
    ///
    /// Our end of the pipe does not wait, and so the other does not; opened anew by name it does.
    /// That name is the kernel's: /dev/stdout is made by others, if at all, and where it is missing
    /// tar makes a file of that name.
    private static func arguments(_ path: String) -> [String] {
        let owner = geteuid() == 0 ? [] : ["--owner=0", "--group=0"]
        return [
            "--create", "--file=/proc/self/fd/1", "--format=gnu", "--sort=name", "--numeric-owner",
        ] + owner + ["--directory=\(path)", "."]
    }

    func next() throws(Failure) -> BytePiece {
        switch outcome {
        case nil:
            read()
            return .notYet
        case .success(0)?: return try end()
        case .success?:
            let bytes = buffer.bytes
            buffer.clear()
            read()
            return .bytes(bytes)
        case .failure(let error)?:
            throw .local("cannot read from tar: \(error)")
        }
    }

    func close() {
        guard ending == nil else { return }
        // It fails only when the process has ended, which is what is wanted.
        try? reactor.kernel.signal(process.raw, SIGTERM, value: nil)
    }

    private func read() {
        guard !isReading else { return }
        isReading = true
        outcome = nil
        reactor.submit(.readPipe(pipe.raw, into: buffer)) { [self] in
            isReading = false
            outcome = $0
        }
    }

    /// With 1 it says that a file changed while it was read, which it has told the user itself.
    private func end() throws(Failure) -> BytePiece {
        switch ending {
        case .exited(code: 0)?, .exited(code: 1)?: return .end
        case .exited?, .signaled?:
            throw .local(
                "tar could not pack all of \(path)", remedy: "It has said what is in its way.")
        case nil:
            awaitEnd()
            return .notYet
        }
    }

    private func awaitEnd() {
        guard !isEnding else { return }
        isEnding = true
        reactor.submit(.awaitReadable(process.raw)) { [self] _ in
            isEnding = false
            ending = try? reactor.kernel.reap(process.raw)
        }
    }
}
