import Glibc
import ShimProtocol

/// What the program of the shim does beside keeping jobs: the work on images that a stranger sent,
/// each piece in a process of its own.
package struct ImageTool: Equatable {
    private enum Work: Equatable {
        /// Makes files of the tar archive on standard input.
        case unpack(byteCountMax: UInt64, entryCountMax: UInt64)
        /// Undoes a compression, from standard input to standard output, by a program of the host.
        case decompress(program: String)
        /// Removes a directory.
        case remove(name: String)
    }

    private let work: Work
    private let cage: ImageCage

    /// Reads the words behind the program's name; nil for those of a job's shim.
    package init?(_ words: [String]) {
        guard words.count > 2, let server = Int32(words[1]) else { return nil }
        switch (words[0], words.count) {
        case (ImageOrder.unpack.rawValue, 4):
            guard let bytes = UInt64(words[2]), let entries = UInt64(words[3]) else { return nil }
            work = .unpack(byteCountMax: bytes, entryCountMax: entries)
        case (ImageOrder.decompress.rawValue, 3): work = .decompress(program: words[2])
        case (ImageOrder.remove.rawValue, 3): work = .remove(name: words[2])
        default: return nil
        }
        cage = ImageCage(server: server)
    }

    /// Does it, and answers what to exit with.
    package func run() -> Int32 {
        do throws(SystemError) {
            switch work {
            case .unpack(let bytes, let entries):
                try unpack(ImageUnpacker.Bounds(byteCountMax: bytes, entryCountMax: entries))
            case .decompress(let program): try decompress(by: program)
            case .remove(let name):
                try cage.enter()
                var remover = TreeRemover(removing: name)
                try remover.run()
            }
            return EXIT_SUCCESS
        } catch {
            return EXIT_FAILURE
        }
    }

    private func unpack(_ bounds: ImageUnpacker.Bounds) throws(SystemError) {
        try makeBlocking(STDIN_FILENO)
        try cage.enter()
        var unpacker = ImageUnpacker(
            { (buffer) throws(SystemError) in
                try retrying { read(STDIN_FILENO, buffer.baseAddress, buffer.count) }
            }, bounds: bounds)
        let report = unpacker.run().encoded()
        _ = try retrying { write(ImageDescriptor.report, report, report.count) }
    }

    private func decompress(by program: String) throws(SystemError) {
        try makeBlocking(STDOUT_FILENO)
        try cage.becomeNobody()
        // The short names: busybox, which is gzip and xz on small systems, knows no others.
        let words = [program, "-d", "-c"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] = [nil]
        throw SystemError(number: failure { execve(program, arguments, environment) })
    }

    /// Lets reads and writes of a pipe wait; the server, which does not wait, has the other end.
    private func makeBlocking(_ descriptor: Int32) throws(SystemError) {
        let flags = try retrying { fcntl(descriptor, F_GETFL) }
        _ = try retrying { fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) }
    }
}
