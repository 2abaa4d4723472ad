import Reactor

/// Reads what a job is to read: a file, or all that comes from our own standard input.
struct InputReader {
    let session: Session

    /// The whole of a file, `-` for standard input.
    func contents(of path: String) throws(Failure) -> [UInt8] {
        do {
            let bytes = path == "-" ? try ownInput() : try file(at: path)
            guard bytes.count <= Limits.standardInputBytes else { throw tooLong(path) }
            return bytes
        } catch let error as Errno {
            throw .local("cannot read \(path): \(error)")
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .local("cannot read \(path): \(error)")
        }
    }

    private func tooLong(_ path: String) -> Failure {
        .usage(
            "\(path) holds more than a job can be given, which is 1 MiB",
            remedy: "Put it where the job can open it, and name it in the command.")
    }

    private func file(at path: String) throws -> [UInt8] {
        let absolute =
            path.hasPrefix("/") ? path : "\(session.origin.workingDirectory)/\(path)"
        guard try session.kernel.status(at: absolute).kind == .regular else {
            let file = try session.kernel.openFile(absolute, flags: .readOnly)
            return try stream(file.raw)
        }
        return try session.kernel.contents(of: absolute, sizeMax: Limits.standardInputBytes + 1)
    }

    /// A file that was redirected cannot be waited for, epoll(7).
    private func ownInput() throws -> [UInt8] {
        let standardInput: Int32 = 0
        guard try session.kernel.status(of: standardInput).kind == .regular else {
            return try stream(standardInput)
        }
        return try file(at: "/proc/self/fd/\(standardInput)")
    }

    private func stream(_ raw: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let buffer = Buffer(capacity: 64 << 10)
        while bytes.count <= Limits.standardInputBytes {
            var outcome: Outcome?
            session.reactor.submit(.readPipe(raw, into: buffer)) { outcome = $0 }
            try session.console.turn { outcome != nil }
            guard case .success(let count)? = outcome else {
                throw Failure.local("standard input cannot be read")
            }
            guard count > 0 else { break }
            bytes += buffer.bytes
            buffer.clear()
        }
        return bytes
    }
}
