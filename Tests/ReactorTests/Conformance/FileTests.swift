import Reactor
import Simulator
import TestSupport
import Testing

/// Files: reading through the loop, and what the kernel answers at once.
@Suite(.timeLimit(.minutes(10))) struct FileTests {
    @Test(arguments: MachineKind.all)
    func `a file is read at any offset, to its end`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        try machine.append("0123456789", to: "digits")
        let file = try machine.kernel.openFile(machine.path("digits"), flags: .readOnly)
        let cases: [(offset: UInt64, count: Int, text: String)] = [
            (0, 4, "0123"), (3, 4, "3456"), (8, 4, "89"), (10, 4, ""), (4711, 4, ""),
        ]
        for (offset, count, text) in cases {
            let buffer = Buffer(capacity: 16)
            let read = try machine.complete(
                .readFile(file.raw, at: offset, count: count, into: buffer))
            #expect(buffer.text == text && read == text.utf8.count)
        }
        try machine.append("ab", to: "digits")
        let buffer = Buffer("tail: ")
        buffer.reserve(10)
        try machine.complete(.readFile(file.raw, at: 10, count: 10, into: buffer))
        #expect(buffer.text == "tail: ab")
    }

    @Test(arguments: MachineKind.all)
    func `opening is as particular as it is told to be`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        let path = machine.path("file")
        func open(_ path: String, _ flags: OpenFlags) throws(Errno) {
            kernel.close(try kernel.openFile(path, flags: flags).release())
        }
        #expect(throws: Errno.noEntry) { try open(path, .readOnly) }
        try open(path, [.writeOnly, .create, .exclusive])
        #expect(throws: Errno.exists) { try open(path, [.writeOnly, .create, .exclusive]) }
        #expect(throws: Errno.notDirectory) { try open(path, [.readOnly, .directory]) }
        #expect(throws: Errno.isDirectory) { try open(machine.directory, .writeOnly) }
        #expect(throws: Errno.noEntry) { try open(path + "s/x", [.writeOnly, .create]) }
        #expect(try kernel.status(at: path).mode == 0o600)
    }

    @Test(arguments: MachineKind.all)
    func `a file without a name lives while it is open`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        try machine.append("here", to: "file")
        let file = try machine.kernel.openFile(machine.path("file"), flags: .readOnly)
        let before = try machine.kernel.status(of: file.raw)
        #expect(before.links == 1 && before.size == 4 && before.kind == .regular)
        try machine.kernel.removeFile(machine.path("file"))
        let after = try machine.kernel.status(of: file.raw)
        #expect(after.links == 0 && after.inode == before.inode)
        let buffer = Buffer(capacity: 10)
        try machine.complete(.readFile(file.raw, at: 0, count: 10, into: buffer))
        #expect(buffer.text == "here")
        #expect(throws: Errno.noEntry) {
            try machine.kernel.status(at: machine.path("file"))
        }
    }

    @Test(arguments: MachineKind.all)
    func `directories list, rename replaces, and only the empty ones go`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        try kernel.makeDirectory(machine.path("inner"), mode: 0o700)
        #expect(throws: Errno.exists) {
            try kernel.makeDirectory(machine.path("inner"), mode: 0o700)
        }
        try machine.append("a", to: "one")
        try machine.append("b", to: "inner/two")
        #expect(Set(try kernel.list(machine.directory)) == ["inner", "one"])
        #expect(throws: Errno.directoryNotEmpty) {
            try kernel.removeDirectory(machine.path("inner"))
        }
        try kernel.rename(machine.path("inner/two"), to: machine.path("one"))
        #expect(try kernel.contents(of: machine.path("one"), sizeMax: 10) == [UInt8(ascii: "b")])
        try kernel.removeDirectory(machine.path("inner"))
        #expect(try kernel.list(machine.directory) == ["one"])
        #expect(throws: Errno.notDirectory) { try kernel.list(machine.path("one")) }
    }

    @Test(arguments: MachineKind.all)
    func `a lock belongs to the open file and ends with it`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        try machine.append("", to: "lock")
        let first = try kernel.openFile(machine.path("lock"), flags: .readOnly)
        let second = try kernel.openFile(machine.path("lock"), flags: .readOnly)
        let contender = second.raw
        try kernel.lockExclusive(first.raw)
        try kernel.lockExclusive(first.raw)
        #expect(throws: Errno.again) { try kernel.lockExclusive(contender) }
        kernel.close(first.release())
        try kernel.lockExclusive(second.raw)
    }

    @Test(arguments: MachineKind.all)
    func `a sealed file is read from its beginning and changed by nobody`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let file = try machine.kernel.makeSealedFile("plan", containing: content)
        let buffer = Buffer(capacity: 200_000)
        while try machine.complete(.readPipe(file.raw, into: buffer)) > 0 {}
        #expect(buffer.bytes == content)
        #expect(throws: Errno.notPermitted) { try write("x", to: file.raw, machine) }
    }

    private func write(_ text: String, to raw: Int32, _ machine: Machine) throws {
        try Buffer(text).withReadableBytes { bytes in
            _ = try machine.kernel.writeFileNow(raw, at: 0, bytes)
        }
    }

    @Test(arguments: MachineKind.all)
    func `a stream written to a file arrives as a whole`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let flags: OpenFlags = [.writeOnly, .create]
        let file = try machine.kernel.openFile(machine.path("out"), flags: flags)
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        #expect(try machine.complete(.writeStream(file.raw, from: Buffer(content))) == 300_000)
        try machine.complete(.writeStream(file.raw, from: Buffer("end")))
        let written = try machine.kernel.contents(of: machine.path("out"), sizeMax: 400_000)
        #expect(written == content + Array("end".utf8))
    }
}
