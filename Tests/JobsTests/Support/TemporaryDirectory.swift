import Glibc
import Reactor

/// Makes a directory that nobody else uses.
func makeTemporaryDirectory() throws -> String {
    var template = Array("/tmp/cmdctl-jobs-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno.noEntry }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Removes a directory and all that is in it.
func removeTree(_ path: String) throws {
    let kernel = LinuxKernel()
    for name in try kernel.list(path) {
        let entry = "\(path)/\(name)"
        if try kernel.status(at: entry).kind == .directory {
            try removeTree(entry)
        } else {
            try kernel.removeFile(entry)
        }
    }
    try kernel.removeDirectory(path)
}
