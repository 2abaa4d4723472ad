import Glibc

/// Files of proc(5), which have no size and may be gone at any time.
enum ProcFile {
    /// The whole text, or nil if there is no such file any more.
    static func contents(_ path: String) -> String? {
        guard let file = try? retrying({ open(path, O_RDONLY | O_CLOEXEC) }) else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while let count = try? retrying({ read(file, &chunk, chunk.count) }), count > 0 {
            bytes += chunk.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names in a directory, without the two that all have.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
