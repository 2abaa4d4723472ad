package import Reactor

/// Files as others than the program see and change them, and connections as the world cuts them.
extension SimulatedMachine {
    /// Appends to a file as another process would; makes it if it is not there.
    package func append(_ bytes: [UInt8], to path: String) throws(Errno) {
        try kernel.with { (state) throws(Errno) in
            if state.names[path] == nil {
                _ = state.makeInode(.regular, mode: 0o600, at: path)
                state.notifyParent(of: path, .created)
            }
            let inode = try state.inode(at: path)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = try state.write(Array(rest), to: inode, at: nil)
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Makes a file shorter or longer as another process would.
    package func truncate(_ path: String, to size: Int) throws(Errno) {
        try kernel.with { (state) throws(Errno) in
            state.truncate(try state.inode(at: path), to: size)
        }
    }

    /// The bytes of a file.
    package func contents(of path: String) throws(Errno) -> [UInt8] {
        try kernel.with { (state) throws(Errno) in
            state.inodes[try state.inode(at: path)]?.bytes ?? []
        }
    }

    /// Leaves no byte of the disk for anybody.
    package func fillDisk() {
        kernel.with { state in
            state.note("the disk is full")
            state.faults.diskBytesMax = state.diskBytesUsed
        }
    }

    /// The names in a directory.
    package func list(_ directory: String) -> [String] {
        kernel.with { $0.list(directory) }
    }

    /// Cuts a connection as a vanished peer would.
    package func reset(_ raw: Int32) {
        kernel.with { $0.reset(raw) }
    }
}
