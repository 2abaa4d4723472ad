import Reactor
import Simulator
import TestSupport
import Testing

/// Children, held by their pidfds.
@Suite(.timeLimit(.minutes(10))) struct ProcessTests {
    @Test(arguments: MachineKind.all)
    func `a child is waited for and reaped once`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let child = try machine.spawn(.exits(code: 7))
        let pidfd = child.descriptor.raw
        try machine.complete(.awaitReadable(pidfd))
        #expect(try machine.kernel.reap(pidfd) == .exited(code: 7))
        #expect(throws: Errno.noChild) { try machine.kernel.reap(pidfd) }
        #expect(throws: Errno.noProcess) { try machine.kernel.signal(pidfd, 15, value: nil) }
    }

    @Test(arguments: MachineKind.all)
    func `a child that is dead already is news all the same`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let child = try machine.spawn(.exits(code: 3))
        let pidfd = child.descriptor.raw
        try machine.complete(.awaitReadable(pidfd))
        try machine.complete(.awaitReadable(pidfd))
        // A zombie still takes signals, without effect.
        try machine.kernel.signal(pidfd, 15, value: nil)
        #expect(try machine.kernel.reap(pidfd) == .exited(code: 3))
    }

    @Test(arguments: MachineKind.all)
    func `a running child is not reaped, and dies of its signal`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let child = try machine.spawn(.stays)
        let pidfd = child.descriptor.raw
        #expect(try machine.kernel.reap(pidfd) == nil)
        try machine.kernel.signal(pidfd, 0, value: nil)
        try machine.kernel.signal(pidfd, 9, value: nil)
        try machine.complete(.awaitReadable(pidfd))
        #expect(try machine.kernel.reap(pidfd) == .signaled(number: 9))
    }

    @Test(arguments: MachineKind.all)
    func `exits that come together are each told`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        var ended: [Int32: WaitStatus?] = [:]
        for code in 0..<8 as Range<Int32> {
            let child = try machine.spawn(.exits(code: code))
            let pidfd = child.descriptor.release()
            // Ended before the loop turns for the first time, as far as the machine allows.
            machine.reactor.submit(.awaitReadable(pidfd)) { _ in
                ended[code] = try? kernel.reap(pidfd)
                kernel.close(pidfd)
            }
        }
        try machine.turn { ended.count == 8 }
        for code in 0..<8 as Range<Int32> { #expect(ended[code] == .exited(code: code)) }
    }

    @Test(arguments: MachineKind.all)
    func `a process may be watched by several`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let child = try machine.spawn(.stays)
        let pidfd = child.descriptor.raw
        let other = try machine.kernel.openProcess(child.pid)
        let otherPidfd = other.raw
        var told = 0
        for raw in [pidfd, pidfd, otherPidfd] {
            machine.reactor.submit(.awaitReadable(raw)) { _ in told += 1 }
        }
        try machine.kernel.signal(otherPidfd, 15, value: nil)
        try machine.turn { told == 3 }
        #expect(try machine.kernel.reap(otherPidfd) == .signaled(number: 15))
        #expect(throws: Errno.noChild) { try machine.kernel.reap(pidfd) }
    }

    @Test(arguments: MachineKind.all)
    func `nobody else's child is ever reaped`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let mine = try machine.spawn(.exits(code: 1))
        let bystander = try machine.spawn(.exits(code: 2))
        try machine.complete(.awaitReadable(mine.descriptor.raw))
        try machine.complete(.awaitReadable(bystander.descriptor.raw))
        let raws = [mine.descriptor.raw, bystander.descriptor.raw]
        #expect(
            try raws.map { try machine.kernel.reap($0) } == [.exited(code: 1), .exited(code: 2)])

        let stranger = try machine.kernel.openProcess(stranger(on: machine)).release()
        #expect(throws: Errno.noChild) { try machine.kernel.reap(stranger) }
        machine.kernel.close(stranger)
    }

    /// A process that is not a child of this one.
    private func stranger(on machine: Machine) throws -> Int32 {
        guard let simulated = machine.simulated else { return 1 }
        simulated.install("/bin/stranger") { $0.exit(code: 0) }
        return try simulated.startElsewhere(
            ProcessSpawn(path: "/bin/stranger", arguments: ["stranger"]))
    }

    @Test(arguments: MachineKind.all)
    func `a child writes to the descriptor it was given, and its end closes it`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        let pipe = try machine.kernel.makePipe()
        let read = pipe.read
        let child = try machine.spawn(.speaks("hello"), output: pipe.write.raw)
        machine.kernel.close(pipe.write.release())
        let buffer = Buffer(capacity: 100)
        while try machine.complete(.readPipe(read.raw, into: buffer)) > 0 {}
        #expect(buffer.text == "hello")
        let pidfd = child.descriptor.raw
        try machine.complete(.awaitReadable(pidfd))
        #expect(try machine.kernel.reap(pidfd) == .exited(code: 0))
    }

    @Test(arguments: MachineKind.all)
    func `a program that is not there is not started`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        #expect(throws: Errno.noEntry) {
            let spawn = ProcessSpawn(path: machine.path("nothing"), arguments: ["nothing"])
            let child = try machine.kernel.spawn(spawn)
            machine.kernel.close(child.descriptor.release())
        }
    }
}
