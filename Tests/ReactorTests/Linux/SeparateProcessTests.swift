import Glibc
import Reactor
import Simulator
import TestSupport
import Testing

/// What needs a process of its own: its descriptors are counted, limited or reused, or it crashes.
@Suite(.timeLimit(.minutes(10))) struct SeparateProcessTests {
    @Test(arguments: MachineKind.real)
    func `every descriptor is given back`(kind: MachineKind) throws {
        let process = try SeparateProcess("leak-\(kind)", in: Self.self) {
            // The first round opens what the runtime keeps for good.
            try Everything.happen(kind)
            let before = try openDescriptors()
            for _ in 0..<3 { try Everything.happen(kind) }
            let after = try openDescriptors()
            precondition(after == before, "\(after.subtracting(before)) are left")
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    @Test func `without a free descriptor an accept fails, and succeeds again later`() throws {
        for kind in MachineKind.real {
            let process = try SeparateProcess("scarcity-\(kind)", in: Self.self) {
                try Scarcity.happen(Machine(kind)) { setDescriptorLimit(to: $0) }
            }
            #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
        }
        let machine = try Machine(.simulated)
        try Scarcity.happen(machine) { machine.simulated?.faults.descriptorsMax = $0 }
    }

    @Test(arguments: MachineKind.real)
    func `a file that somebody else keeps open does not haunt its number`(
        kind: MachineKind
    ) throws {
        let process = try SeparateProcess("haunting-\(kind)", in: Self.self) {
            try Haunting.happen(kind)
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    @Test func `children wait to be reaped, however the process was started`() throws {
        let process = try SeparateProcess("orphans", in: Self.self) {
            signal(SIGCHLD, SIG_IGN)
            let machine = try Machine(.epoll)
            let child = try machine.spawn(.exits(code: 7))
            let pidfd = child.descriptor.raw
            try machine.complete(.awaitReadable(pidfd))
            let status = try machine.kernel.reap(pidfd)
            precondition(status == .exited(code: 7))
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    @Test(arguments: Misuse.allCases, MachineKind.real)
    func `misuse ends the program and says what it was`(misuse: Misuse, kind: MachineKind) throws {
        let process = try SeparateProcess("\(misuse)-\(kind)", in: Self.self) {
            try misuse.commit(kind)
        }
        guard case .signaled = process.status else {
            #expect(getenv("CMDCTL_TEST_ERRAND") != nil, "\(misuse) went unnoticed")
            return
        }
        #expect(process.diagnostics.contains(misuse.rawValue))
    }
}

/// What no caller may do, and what it is told.
enum Misuse: String, CaseIterable {
    case operationOnClosed = "recv: not an open descriptor"
    case closeTwice = "close: not an open descriptor"
    case turnInsideTurn = "a handler turns the loop that runs it"
    case readIntoFull = "reads into a full buffer"
    case sendNothing = "writes nothing"
    case consumeTooMuch = "consumes more than is readable"
    case commitTooMuch = "commits more than was writable"
    case appendTooMuch = "appends more than is writable"

    func commit(_ kind: MachineKind) throws {
        let machine = try Machine(kind)
        let (reactor, kernel) = (machine.reactor, machine.kernel)
        let pipe = try kernel.makePipe()
        switch self {
        case .operationOnClosed:
            reactor.submit(.receive(4711, into: Buffer(capacity: 1))) { _ in }
            // A ring tries it only now.
            try reactor.turn()
        case .closeTwice:
            kernel.close(4711)
        case .turnInsideTurn:
            reactor.schedule(after: .zero) { try? reactor.turn() }
            try reactor.turn()
        case .readIntoFull:
            reactor.submit(.readPipe(pipe.read.raw, into: Buffer("full"))) { _ in }
        case .sendNothing:
            reactor.submit(.writeStream(pipe.write.raw, from: Buffer(capacity: 1))) { _ in }
        case .consumeTooMuch: Buffer("abc").consume(4)
        case .commitTooMuch: Buffer("abc").commit(1)
        case .appendTooMuch: Buffer("abc").append([1])
        }
    }
}

/// One of each thing a reactor does, ended in the middle.
private enum Everything {
    static func happen(_ kind: MachineKind) throws {
        let machine = try Machine(kind)
        let kernel = machine.kernel
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 4)
        let client = try kernel.makeStreamSocket(for: .loopback(port: 0))
        try machine.complete(.connect(client.raw, try kernel.localAddress(of: listener.raw)))
        let accepted = try machine.complete(.accept(listener: listener.raw))
        kernel.close(Int32(accepted))

        try machine.append("text", to: "file")
        let inotify = try kernel.makeInotify()
        _ = try kernel.addWatch(
            inotify: inotify.raw, path: machine.path("file"), mask: [.modified])
        let plan = try kernel.makeSealedFile("plan", containing: [1, 2, 3])
        let pipe = try kernel.makePipe()
        let child = try machine.spawn(.exits(code: 0), output: pipe.write.raw)
        try machine.complete(.awaitReadable(child.descriptor.raw))
        _ = try kernel.reap(child.descriptor.raw)
        _ = try? machine.spawn(.exits(code: 0), output: nil)
        _ = try? kernel.list(machine.directory)

        // Still waiting when everything is dropped: an operation, a timer and a worker.
        machine.reactor.submit(.readPipe(pipe.read.raw, into: Buffer(capacity: 1))) { _ in }
        machine.reactor.schedule(after: .seconds(100)) {}
        machine.reactor.perform(on: .files) {
            plan.raw
        } then: { _ in
        }
    }
}

/// A pipe that stays in the epoll set after its descriptor is closed, because a copy of it is open.
private enum Haunting {
    static func happen(_ kind: MachineKind) throws {
        let machine = try Machine(kind)
        let old = try machine.kernel.makePipe()
        let oldWrite = old.write
        let number = old.read.raw
        try startAndCancelRead(number, machine)
        // Without a copy the kernel would forget the pipe with its descriptor. epoll(7), Q6.
        let copy = OwnedDescriptor(fcntl(number, F_DUPFD_CLOEXEC, 200), of: machine.kernel)
        machine.kernel.close(old.read.release())

        let new = try machine.kernel.makePipe()
        precondition(new.read.raw == number, "the lowest free number is the old one")
        let buffer = Buffer(capacity: 10)
        var outcome: Outcome?
        machine.reactor.submit(.readPipe(number, into: buffer)) { outcome = $0 }
        try machine.complete(.writeStream(oldWrite.raw, from: Buffer("old")))
        var hasPassed = false
        machine.reactor.schedule(after: .milliseconds(5)) { hasPassed = true }
        try machine.turn { hasPassed }
        precondition(outcome == nil, "woken by what \(copy.raw) keeps open")
        try machine.complete(.writeStream(new.write.raw, from: Buffer("new")))
        try machine.turn { outcome != nil }
        precondition(buffer.text == "new")
    }

    private static func startAndCancelRead(_ raw: Int32, _ machine: Machine) throws {
        var outcome: Outcome?
        let token = machine.reactor.submit(.readPipe(raw, into: Buffer(capacity: 10))) {
            outcome = $0
        }
        machine.reactor.cancel(token)
        try machine.turn { outcome != nil }
    }
}
