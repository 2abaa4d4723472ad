import Glibc
import ShimProtocol

/// What the program of the shim does beside keeping jobs: the work on images that a stranger sent,
/// each piece in a process of its own.
package enum ImageTool: Equatable {
    /// Makes files of the tar archive on standard input.
    case unpack(byteCountMax: UInt64, entryCountMax: UInt64)
    /// Undoes a compression, from standard input to standard output, by a program of the host.
    case decompress(program: String)
    /// Removes a directory.
    case remove(name: String)

    /// Reads the words behind the program's name; nil for those of a job's shim.
    package init?(_ words: [String]) {
        switch (words.first, words.count) {
        case (ImageOrder.unpack.rawValue?, 3):
            guard let bytes = UInt64(words[1]), let entries = UInt64(words[2]) else { return nil }
            self = .unpack(byteCountMax: bytes, entryCountMax: entries)
        case (ImageOrder.decompress.rawValue?, 2): self = .decompress(program: words[1])
        case (ImageOrder.remove.rawValue?, 2): self = .remove(name: words[1])
        default: return nil
        }
    }

    /// Does it, and answers what to exit with.
    package func run() -> Int32 {
        do throws(SystemError) {
            switch self {
            case .unpack(let bytes, let entries):
                try unpack(ImageUnpacker.Bounds(byteCountMax: bytes, entryCountMax: entries))
            case .decompress(let program): try decompress(by: program)
            case .remove(let name):
                try ImageCage.enter()
                var remover = TreeRemover(removing: name)
                try remover.run()
            }
            return EXIT_SUCCESS
        } catch {
            return EXIT_FAILURE
        }
    }

    private func unpack(_ bounds: ImageUnpacker.Bounds) throws(SystemError) {
        try ImageCage.makeBlocking(STDIN_FILENO)
        try ImageCage.enter()
        var unpacker = ImageUnpacker(
            { (buffer) throws(SystemError) in
                try retrying { read(STDIN_FILENO, buffer.baseAddress, buffer.count) }
            }, bounds: bounds)
        let report = unpacker.run().encoded()
        _ = try retrying { write(ImageDescriptor.report, report, report.count) }
    }

    private func decompress(by program: String) throws(SystemError) {
        try ImageCage.makeBlocking(STDOUT_FILENO)
        try ImageCage.becomeNobody()
        // The short names: busybox, which is gzip and xz on small systems, knows no others.
        let words = [program, "-d", "-c"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] = [nil]
        throw SystemError(number: failure { execve(program, arguments, environment) })
    }
}
