import Reactor

/// A directory of one test's own, gone with it; only files lie in it.
final class TemporaryDirectory {
    let path: String
    let kernel = LinuxKernel()

    init() throws {
        let name = kernel.fillRandom(12).map { String($0, radix: 16) }.joined()
        path = "/tmp/cmdctl-transport-\(name)"
        try kernel.makeDirectory(path, mode: 0o700)
    }

    deinit {
        for name in (try? kernel.list(path)) ?? [] {
            try? kernel.removeFile("\(path)/\(name)")
        }
        try? kernel.removeDirectory(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file that is not there yet.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o600) throws -> String {
        let file = try kernel.openFile(
            self.file(name), flags: [.writeOnly, .create, .exclusive], mode: mode)
        _ = try bytes.withUnsafeBytes { try kernel.writeFileNow(file.raw, at: 0, $0) }
        return self.file(name)
    }
}
