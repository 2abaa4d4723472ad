import Glibc
import ShimProtocol
import Testing

/// What a command finds when it starts: what was planned, and nothing of the shim or the daemon.
@Suite(.timeLimit(.minutes(10)))
struct ShimEnvironmentTests {
    typealias Mode = ShimProcess.Mode

    private func output(of line: String, _ mode: Mode, wrapper: [String] = []) throws -> String {
        let shim = try ShimProcess(.shell(line), mode: mode, wrapper: wrapper)
        #expect(shim.end() == .exited(0))
        return shim.text
    }

    /// The order is kept and a NUL ends each; /proc shows it as the kernel has it.
    @Test(arguments: Mode.available)
    func `the environment is exactly the planned one`(mode: Mode) throws {
        let environment: [ShimPlan.Variable] = [
            .init(name: "Z", value: ""), .init(name: "A", value: "x=y z\n"),
            .init(name: "Ü", value: "ü"), .path,
        ]
        let shim = try ShimProcess(
            .running("cat", ["/proc/self/environ"], environment: environment), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == environment.map { "\($0.name)=\($0.value)\0" }.joined())
    }

    @Test(arguments: Mode.available)
    func `there are three descriptors and no more`(mode: Mode) throws {
        let shim = try ShimProcess(.running("ls", ["-l", "/proc/self/fd"]), mode: mode)
        #expect(shim.end() == .exited(0))
        let targets = shim.text.split(separator: "\n").compactMap {
            $0.split(separator: " -> ").last.map(String.init)
        }.dropFirst()
        #expect(targets.count == 4)
        // In a chroot, a file of another mount namespace shows its path from outside.
        #expect(targets.first?.hasSuffix("/dev/null") == true)
        #expect(targets.dropFirst().prefix(2).allSatisfy { $0.hasPrefix("pipe:") })
        // The fourth is the directory that ls is reading.
        #expect(targets.last?.hasSuffix("/fd") == true)
    }

    @Test(arguments: Mode.available)
    func `standard input is empty`(mode: Mode) throws {
        #expect(try output(of: "wc -c", mode) == "0\n")
    }

    /// The daemon raises its own limit, which is not the command's.
    @Test(arguments: Mode.available)
    func `the limit of descriptors is the planned one`(mode: Mode) throws {
        var plan = ShimPlan.shell("ulimit -Sn; ulimit -Hn")
        plan.descriptorLimit = 123
        let shim = try ShimProcess(
            plan, mode: mode, wrapper: ["/usr/bin/prlimit", "--nofile=456:789"])
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "123\n789\n")
    }

    /// As if the daemon had been started by something careless.
    @Test(arguments: Mode.available)
    func `no signal is blocked or ignored`(mode: Mode) throws {
        let ignoring = ["/usr/bin/env", "--ignore-signal", "--block-signal"]
        let shim = try ShimProcess(
            .running("cat", ["/proc/self/status"]), mode: mode, wrapper: ignoring)
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .exited(code: 0))
        for mask in ["SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"] {
            #expect(shim.text.contains("\n\(mask):\t0000000000000000\n"))
        }
    }

    @Test(arguments: Mode.available)
    func `files get the usual mode`(mode: Mode) throws {
        let careless = ["/bin/sh", "-c", "umask 0777; exec \"$@\"", "sh"]
        #expect(try output(of: "umask", mode, wrapper: careless) == "0022\n")
    }

    @Test(arguments: Mode.available)
    func `the command leads its own session and group`(mode: Mode) throws {
        let fields = try output(of: "cut -d ' ' -f 1,5,6,7 /proc/$$/stat", mode)
            .split(whereSeparator: \.isWhitespace)
        #expect(fields.count == 4)
        #expect(Set(fields.prefix(3)).count == 1)
        #expect(fields.last == "0", "there is no terminal")
    }

    @Test(arguments: Mode.available)
    func `the working directory is the planned one`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let shim = try ShimProcess(
            .running("/bin/pwd", workingDirectory: directory.path), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == directory.path + "\n")
    }

    @Test(arguments: Mode.available)
    func `streams can be opened again by name`(mode: Mode) throws {
        let shim = try ShimProcess(
            .shell("echo out > /dev/stdout; echo err > /dev/stderr; echo err >> /proc/self/fd/2"),
            mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.output(from: .stdout) == Array("out\n".utf8))
        #expect(shim.output(from: .stderr) == Array("err\nerr\n".utf8))
    }

    @Test(arguments: Mode.available)
    func `a command cannot read what it wrote`(mode: Mode) throws {
        let line = "echo mine; head -c 1 <&1 2> /dev/null || echo refused"
        #expect(try output(of: line, mode) == "mine\nrefused\n")
    }

    /// Root may open anything (CAP_DAC_OVERRIDE), so this is for all others.
    @Test(.enabled(if: Mode.available.contains(.unprivileged)))
    func `a command cannot open its output for reading, nor the shim's files`() throws {
        let line = """
            echo mine
            for file in /dev/stdout /proc/$PPID/fd/4 /proc/$PPID/fd/5; do
                (head -c 1 < $file) 2> /dev/null || echo refused
            done
            """
        #expect(try output(of: line, .unprivileged) == "mine\nrefused\nrefused\nrefused\n")
    }

    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `a namespace shows its own processes only`() throws {
        let seen = try output(
            of: "echo $$; set -- /proc/[0-9]*; echo $#; cat /proc/1/comm", .namespace)
        // PID 1 and the shell.
        #expect(seen == "2\n2\ncmdctl-init\n")
    }

    /// The daemon's host must not see the job's /proc over its own.
    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `mounts of a job stay in the job`() throws {
        let before = try mounts()
        let seen = try output(of: "grep -c ' /proc proc ' /proc/self/mounts", .namespace)
        #expect(seen == "2\n")
        #expect(try mounts() == before)
    }

    private func mounts() throws -> Int {
        let file = try check(open("/proc/self/mounts", O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        return String(decoding: readToEnd(file), as: UTF8.self).split(separator: "\n")
            .filter { $0.contains(" /proc proc ") }.count
    }

    /// The shim is spared when memory is short; the job must not be.
    @Test(arguments: Mode.available)
    func `the job has the score for lack of memory that the daemon had`(mode: Mode) throws {
        let wrapper = ["/usr/bin/choom", "-n", "300", "--"]
        #expect(try output(of: "cat /proc/self/oom_score_adj", mode, wrapper: wrapper) == "300\n")
    }

    /// A zombie that nobody reaps would stay until the end of the job.
    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `orphans are reaped`() throws {
        let directory = try ScratchDirectory()
        let line = """
            (sh -c 'echo $$ > \(directory.path)/pid' &)
            until [ -s \(directory.path)/pid ]; do :; done
            pid=$(cat \(directory.path)/pid)
            while [ -e /proc/$pid ]; do :; done
            echo reaped
            """
        #expect(try output(of: line, .namespace) == "reaped\n")
    }
}
