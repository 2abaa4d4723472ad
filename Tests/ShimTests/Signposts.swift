import Glibc

// How tests and jobs wait for each other without looking at the clock. Whatever never comes is a
// failure after a minute.

/// A FIFO that a job opens for writing: its lines are news, its end is the job's death.
final class Witness {
    let path: String
    private let file: Int32

    /// Opens it before any writer does, so that a writer finds a reader.
    init(_ name: String = "witness", in directory: ScratchDirectory) throws {
        path = try directory.makeFIFO(name)
        file = try check(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
    }

    deinit { close(file) }

    /// Waits for a line.
    func readLine() throws -> String {
        var line: [UInt8] = []
        while let byte = try readByte(), byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Waits until all who had it open are dead.
    ///
    /// A FIFO that nobody has opened yet is not at its end: poll(2), POLLHUP. If nobody need ever
    /// have opened it, the caller does.
    func waitForEnd(ofAny isAny: Bool = false) throws {
        if isAny { close(try check(open(path, O_WRONLY | O_CLOEXEC))) }
        while try readByte() != nil {}
    }

    private func readByte() throws -> UInt8? {
        try waitUntilReadable(file)
        var byte: UInt8 = 0
        return try check(read(file, &byte, 1)) == 1 ? byte : nil
    }
}

/// A FIFO on which a job waits, with `read line < PATH`, until the test lets it go on.
final class Gate {
    let path: String
    private let file: Int32

    /// Holds it open in both directions, so that nobody waits for the other to open it.
    init(_ name: String = "gate", in directory: ScratchDirectory) throws {
        path = try directory.makeFIFO(name)
        file = try check(Glibc.open(path, O_RDWR | O_CLOEXEC))
    }

    deinit { close(file) }

    /// Lets the job go on.
    func open() throws {
        try check(write(file, "\n", 1))
    }
}

/// Waits until there is something to read, or its end.
func waitUntilReadable(_ file: Int32) throws {
    var entry = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    guard try check(poll(&entry, 1, 60_000)) == 1 else { throw TestFailure(number: ETIMEDOUT) }
}

extension ScratchDirectory {
    fileprivate func makeFIFO(_ name: String) throws -> String {
        let path = "\(self.path)/\(name)"
        try check(mkfifo(path, 0o666))
        try check(chmod(path, 0o666))
        return path
    }
}
