import Glibc
import Reactor
import TestSupport
import Testing

/// What a child of the real machine finds when it begins.
@Suite(.timeLimit(.minutes(10))) struct SpawnTests {
    let machine: Machine

    init() throws {
        machine = try Machine(.epoll)
    }

    /// What a shell script writes to the descriptor with number `output` over there.
    private func output(
        of script: String, as output: Int32 = 1, also others: [Int32] = [], in group: String? = nil
    ) throws -> String {
        let pipe = try machine.kernel.makePipe()
        let read = pipe.read
        let actions = [ProcessSpawn.FileAction(target: output, source: pipe.write.raw)]
        let spawn = ProcessSpawn(
            path: "/bin/sh", arguments: ["sh", "-c", script],
            environment: ["PATH=/usr/bin:/bin", "GREETING=hello world"],
            fileActions: actions + others.map { .init(target: $0, source: $0) },
            controlGroup: group)
        let child = try machine.kernel.spawn(spawn)
        machine.kernel.close(pipe.write.release())
        let buffer = Buffer(capacity: 64 * 1024)
        while try machine.complete(.readPipe(read.raw, into: buffer)) > 0 {}
        let pidfd = child.descriptor.raw
        try machine.complete(.awaitReadable(pidfd))
        #expect(try machine.kernel.reap(pidfd) == .exited(code: 0))
        return buffer.text
    }

    @Test func `arguments and environment arrive as they are, and nothing else`() throws {
        #expect(try output(of: "printf %s \"$GREETING\"") == "hello world")
        let variables = try output(of: "/usr/bin/env").split(separator: "\n")
        let names = Set(variables.map { $0.prefix { $0 != "=" } })
        // The shell adds these three by itself.
        #expect(names.subtracting(["PWD", "SHLVL", "_", "OLDPWD"]) == ["PATH", "GREETING"])
    }

    @Test func `a child has the descriptors it was given and no others`() throws {
        let leaked = fcntl(0, F_DUPFD, 100)
        try #require(leaked >= 100, "a descriptor that stays open over exec, as a library's may")
        defer { machine.kernel.close(leaked) }
        let text = try output(of: "exec ls /proc/self/fd")
        // 0 is ls itself, reading the directory.
        #expect(text == "0\n1\n")
    }

    @Test func `sources and targets may be each other`() throws {
        let first = try machine.kernel.makePipe()
        let second = try machine.kernel.makePipe()
        let (one, two) = (first.write.raw, second.write.raw)
        let script = "printf 1 > /proc/self/fd/\(one); printf 2 > /proc/self/fd/\(two)"
        let child = try machine.kernel.spawn(
            ProcessSpawn(
                path: "/bin/sh", arguments: ["sh", "-c", script],
                fileActions: [.init(target: two, source: one), .init(target: one, source: two)]))
        let pidfd = child.descriptor.raw
        try machine.complete(.awaitReadable(pidfd))
        let (fromFirst, fromSecond) = (Buffer(capacity: 10), Buffer(capacity: 10))
        try machine.complete(.readPipe(first.read.raw, into: fromFirst))
        try machine.complete(.readPipe(second.read.raw, into: fromSecond))
        #expect(fromFirst.text == "2" && fromSecond.text == "1")
        #expect(try machine.kernel.reap(pidfd) == .exited(code: 0))
    }

    @Test func `a source that is its own target stays open`() throws {
        let pipe = try machine.kernel.makePipe()
        let write = pipe.write.raw
        let script = "printf kept > /proc/self/fd/\(write)"
        #expect(try output(of: script, as: 1, also: [write]) == "")
        let buffer = Buffer(capacity: 10)
        try machine.complete(.readPipe(pipe.read.raw, into: buffer))
        #expect(buffer.text == "kept")
    }

    @Test func `no signal is blocked or ignored`() throws {
        // The backend ignores SIGPIPE, and here SIGUSR1 is blocked besides.
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGUSR1)
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let status = try output(of: "exec cat /proc/self/status").split(separator: "\n")
        for field in ["SigBlk", "SigIgn"] {
            let line = try #require(status.first { $0.hasPrefix(field) })
            let signals = try #require(UInt64(line.suffix(16), radix: 16))
            // 32 and 33 belong to glibc, which lets nobody change them. nptl(7).
            #expect(signals & ~0x1_8000_0000 == 0, "\(line)")
        }
    }

    /// A group for a child, where the host has some of version 2 that can be made.
    private static let group: String? = {
        let mounts: [String] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        let mount = mounts.first {
            access("\($0)/cgroup.controllers", R_OK) == 0 && access($0, W_OK) == 0
        }
        return mount.map { "\($0)/cmdctl-spawn-tests-\(getpid())" }
    }()

    @Test(.enabled(if: group != nil))
    func `a child is born into its control group, and is otherwise as any`() throws {
        let group = try #require(Self.group)
        try #require(mkdir(group, 0o755) == 0)
        defer { rmdir(group) }
        let leaked = fcntl(0, F_DUPFD, 100)
        defer { machine.kernel.close(leaked) }
        let script = """
            grep ^0: /proc/self/cgroup; grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd
            """
        let lines = try output(of: script, in: group).split(separator: "\n")
        try #require(lines.count == 5)
        #expect(lines[0].hasSuffix(group.split(separator: "/").last.map { "/\($0)" } ?? "?"))
        #expect(lines[1...2].allSatisfy { $0.hasSuffix(String(repeating: "0", count: 16)) })
        #expect(lines[3...] == ["0", "1"])
    }

    @Test(arguments: ["/tmp", "/no/such/group"])
    func `a child is born all the same where its control group is none`(path: String) throws {
        #expect(try output(of: "echo born", in: path) == "born\n")
    }

    @Test func `a program that is missing is told, with and without a control group`() throws {
        let groups: [String?] = [nil, "/tmp", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        for group in groups {
            let spawn = ProcessSpawn(path: "/no/such", arguments: ["no"], controlGroup: group)
            #expect(throws: Errno.noEntry) {
                let child = try machine.kernel.spawn(spawn)
                machine.kernel.close(child.descriptor.release())
            }
        }
    }

    @Test func `a NUL is refused instead of cutting an argument short`() throws {
        let spawn = ProcessSpawn(path: "/bin/true", arguments: ["true", "a\0b"])
        #expect(throws: Errno.invalidArgument) {
            let child = try machine.kernel.spawn(spawn)
            machine.kernel.close(child.descriptor.release())
        }
    }

    @Test func `a signal brings its value along`() throws {
        // The shell cannot read a value; that it gets the signal proves that the kernel took the
        // structure. The shim's own tests read values.
        let child = try machine.spawn(.stays)
        let pidfd = child.descriptor.raw
        try machine.kernel.signal(pidfd, SIGTERM, value: 4711)
        try machine.complete(.awaitReadable(pidfd))
        #expect(try machine.kernel.reap(pidfd) == .signaled(number: SIGTERM))
    }
}
