import Glibc

/// What a test could not do with the system.
struct TestFailure: Error {
    let number: Int32
}

@discardableResult
func check<Number: SignedInteger>(_ result: Number) throws -> Number {
    guard result >= 0 else { throw TestFailure(number: errno) }
    return result
}

/// A directory that anybody may use and that goes away with its owner.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/cmdctl-shim-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure(number: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try check(chmod(path, 0o777))
    }

    deinit {
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }

    /// A new file, open for reading and writing, on a descriptor that no file action overwrites.
    func makeFile(_ name: String, _ bytes: [UInt8] = [], mode: mode_t = 0o666) throws -> Int32 {
        let path = "\(self.path)/\(name)"
        let file = try check(open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode))
        defer { close(file) }
        try check(write(file, bytes, bytes.count))
        return try check(fcntl(file, F_DUPFD_CLOEXEC, 20))
    }

    /// A new file that may be executed.
    ///
    /// Another process writes it: one that is being forked here at the same time would hold it open
    /// for writing for a moment, and execve(2) refuses such a file (ETXTBSY).
    func makeProgram(_ name: String, _ text: String) throws -> String {
        let path = "\(self.path)/\(name)"
        let script = "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\""
        try run(["/bin/sh", "-c", script, "sh", text, path])
        return path
    }

    func contents(of name: String) -> [UInt8] {
        let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        return readToEnd(file)
    }
}

/// The names in a directory, without the two that all have.
func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        names.append(
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
    }
    return names.filter { $0 != "." && $0 != ".." }
}

/// Runs a command to its end.
func run(_ command: [String]) throws {
    var arguments = command.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    try check(posix_spawn(&pid, command[0], nil, nil, &arguments, environ))
    while waitpid(pid, nil, 0) == -1 {}
}

func readToEnd(_ file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(file, &chunk, chunk.count), count > 0 {
        bytes += chunk.prefix(count)
    }
    return bytes
}

func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    try check(pipe(&ends))
    defer { ends.forEach { close($0) } }
    return (
        read: try check(fcntl(ends[0], F_DUPFD_CLOEXEC, 20)),
        write: try check(fcntl(ends[1], F_DUPFD_CLOEXEC, 20))
    )
}

/// The whole of a file whose size says nothing, as of those in /proc.
func readText(_ path: String) throws -> String {
    let file = try check(open(path, O_RDONLY | O_CLOEXEC))
    defer { close(file) }
    return String(decoding: readToEnd(file), as: UTF8.self)
}

func readLink(_ path: String) throws -> String {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = try check(readlink(path, &target, target.count))
    return String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Whether a mount can be kept from the host.
///
/// unshare(1) must first change the root, and that of a chroot is no mount. proc(5), mountinfo.
let canMountUnseen: Bool = {
    let file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let mounts = String(decoding: readToEnd(file), as: UTF8.self).split(separator: "\n")
    return geteuid() == 0
        && mounts.contains { $0.split(separator: " ").dropFirst(4).first == "/" }
}()
