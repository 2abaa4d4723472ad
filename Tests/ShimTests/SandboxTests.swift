import CLinux
import Glibc
import ShimProtocol
import Testing

/// What a job in a sandbox finds and what it cannot do: real jobs, started as root.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10)))
struct SandboxTests {
    private func output(of line: String, in sandbox: SandboxPlan = .specimen) throws -> String {
        let shim = try ShimProcess(
            .shell(line, mergeOutput: true).inside(sandbox), mode: .namespace)
        #expect(shim.end() == .exited(0))
        if case .failed? = shim.report { Issue.record("\(String(describing: shim.report))") }
        return shim.text
    }

    private func words(of line: String) throws -> Set<Substring> {
        Set(try output(of: line).split(whereSeparator: \.isWhitespace))
    }

    // MARK: What there is

    @Test func `the root has what a program needs and nothing more`() throws {
        let host = ["bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr"].filter {
            access("/\($0)", F_OK) == 0
        }
        let made = ["dev", "etc", "home", "proc", "run", "sys", "tmp", "var"]
        #expect(try words(of: "ls -A /") == Set((host + made).map { Substring($0) }))
        #expect(
            try words(of: "ls -A /dev") == [
                "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
                "tty", "urandom", "zero",
            ])
        #expect(
            try output(of: "ls -A /sys /home/job /tmp /run") == """
                /home/job:

                /run:

                /sys:

                /tmp:

                """)
    }

    @Test func `devices work`() throws {
        let line = """
            echo gone > /dev/null; head -c 2 /dev/zero | od -An -tx1
            head -c 4 /dev/urandom | wc -c; head -c 4 /dev/random | wc -c; head -c 1 /dev/full | wc -c
            head -c 1 /dev/zero 2>&1 > /dev/full | grep -o 'No space.*'
            echo shared > /dev/shm/file && cat /dev/shm/file
            """
        #expect(
            try output(of: line) == " 00 00\n4\n4\n1\nNo space left on device\nshared\n")
    }

    /// All jobs together may have 3072.
    @Test func `a job has some terminals, and not all`() throws {
        let program = """
            while (@open < 100) { open(my $one, "+<", "/dev/ptmx") or last; push @open, $one } \
            print scalar @open
            """
        #expect(try output(of: "/usr/bin/perl -e '\(program)'") == "64")
    }

    @Test func `the host's users and secrets are not there`() throws {
        #expect(
            try output(of: "cut -d : -f 1,3,6 /etc/passwd") == """
                root:0:/home/job
                nobody:65534:/nonexistent

                """)
        #expect(
            try output(
                of: "for f in shadow ssh cron.d fstab; do [ -e /etc/$f ] && echo $f; done; true")
                == "")
    }

    @Test func `the machine has the planned name, here and not on the host`() throws {
        var before = utsname()
        uname(&before)
        #expect(try output(of: "uname -n; cat /etc/hostname") == "job\njob\n")
        var after = utsname()
        uname(&after)
        let names = [before, after].map { name in
            withUnsafeBytes(of: name.nodename) { Array($0) }
        }
        #expect(names[0] == names[1])
    }

    @Test func `output can be opened again by name`() throws {
        #expect(try output(of: "echo out > /dev/stdout; echo err >> /dev/stderr") == "out\nerr\n")
    }

    // MARK: What can be written to

    @Test(arguments: ["/usr", "/usr/bin", "/etc", "/etc/ssl/certs", "/", "/home", "/var", "/sys"])
    func `what is not the job's is read-only`(path: String) throws {
        let said = try output(of: "touch \(path)/mine || true")
        #expect(said.contains("Read-only file system"), "\(said)")
    }

    @Test(arguments: ["/tmp", "/var/tmp", "/run", "/home/job", "/dev/shm"])
    func `the job has directories of its own`(path: String) throws {
        let line = "echo mine > \(path)/file && stat -c '%U %s' \(path)/file"
        #expect(try output(of: line) == "root 5\n")
        #expect(access("\(path)/file", F_OK) != 0)
    }

    @Test func `what is written is bounded, all directories together`() throws {
        let line = """
            head -c 9M /dev/zero > /tmp/first
            head -c 9M /dev/zero > /home/job/second
            """
        let sandbox = SandboxPlan.specimen
        #expect(sandbox.scratchBytes == 16 << 20)
        let shim = try ShimProcess(
            .shell(line, mergeOutput: true).inside(sandbox), mode: .namespace)
        #expect(shim.end() == .exited(0))
        #expect(shim.text.contains("No space left on device"))
        #expect(shim.verdict?.how == .exited(code: 1))
    }

    // MARK: Whom it meets

    @Test func `only its own processes can be seen`() throws {
        #expect(
            try output(of: "echo /proc/[0-9]*; cat /proc/1/status || true")
                == "/proc/2\ncat: /proc/1/status: No such file or directory\n")
    }

    @Test func `the first process can be neither killed nor looked into`() throws {
        let line = """
            kill -KILL 1; kill -TERM 1; kill -40 1; kill -42 1; kill -CHLD 1
            for f in exe cwd root; do readlink /proc/1/$f; done
            ls /proc/1/fd; cat /proc/1/environ /proc/1/maps /proc/1/mem > /dev/null
            echo alive
            """
        let said = try output(of: line)
        #expect(said.hasSuffix("alive\n"))
        #expect(!said.contains("cmdctl"))
    }

    @Test(arguments: [
        "/proc/kcore", "/proc/keys", "/proc/kallsyms", "/proc/sysrq-trigger", "/proc/timer_list",
        "/proc/sched_debug", "/proc/kmsg", "/proc/sys", "/proc/scsi", "/proc/bus", "/proc/acpi",
        "/proc/interrupts", "/proc/modules", "/proc/config.gz", "/sys/kernel", "/sys/firmware",
        "/sys/fs/cgroup", "/dev/kmsg", "/dev/mem",
    ])
    func `files of the kernel are not there`(path: String) throws {
        #expect(try output(of: "[ -e \(path) ] && echo there; true") == "")
    }

    @Test func `there is no network but the job's own loopback`() throws {
        let seen = try output(
            of: "cut -d : -f 1 /proc/self/net/dev | tail -n +3; tail -n +2 /proc/self/net/route")
        #expect(seen.split(whereSeparator: \.isWhitespace) == ["lo"])
        let said = try output(of: "/usr/bin/perl -e '\(Self.connection)'")
        #expect(said == "Connection refused\nNetwork is unreachable\n")
    }

    /// To a port of its own where nobody listens, and to the metadata service of clouds.
    private static let connection = """
        use Socket; for ("127.0.0.1", "169.254.169.254") { socket(my $s, PF_INET, SOCK_STREAM, 0); \
        connect($s, pack_sockaddr_in(80, inet_aton($_))); print "$!\\n" }
        """

    // MARK: What it may do

    @Test func `no privilege is left, and none can be gained`() throws {
        let status = try output(of: "cat /proc/self/status")
        for line in [
            "CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000",
            "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1",
        ] {
            #expect(status.contains("\n\(line)\n"))
        }
    }

    @Test func `planned capabilities are there, and only those`() throws {
        var sandbox = SandboxPlan.specimen
        sandbox.capabilities = 1 << 5 | 1 << 10
        let status = try output(of: "cat /proc/self/status", in: sandbox)
        for set in ["CapPrm", "CapEff", "CapBnd"] {
            #expect(status.contains("\n\(set):\t0000000000000420\n"))
        }
        for set in ["CapInh", "CapAmb"] {
            #expect(status.contains("\n\(set):\t0000000000000000\n"))
        }
    }

    @Test func `the job's root is nobody on the host`() throws {
        #expect(
            try output(of: "id -u; id -G; cat /proc/self/uid_map").split(
                whereSeparator: \.isWhitespace) == ["0", "0", "0", "1879048192", "65536"])
    }

    /// What the kernel counts for each user it counts for the owner, too.
    ///
    /// The shim is that user only while it makes them.
    @Test func `its namespaces belong to the job's root, and the shim to itself`() throws {
        let shim = try ShimProcess(.shell("sleep 1000").inside(.specimen), mode: .namespace)
        guard case .started(let leader, _)? = shim.report else {
            Issue.record("\(String(describing: shim.report))")
            return
        }
        let namespace = try check(open("/proc/\(leader)/ns/user", O_RDONLY | O_CLOEXEC))
        defer { close(namespace) }
        var owner: uid_t = 0
        let getOwner: UInt = 0xB704  // NS_GET_OWNER_UID, ioctl_ns(2)
        try check(ioctl(namespace, getOwner, &owner))
        #expect(owner == SandboxPlan.specimen.userIDs.first)
        let status = try readText("/proc/\(shim.pid)/status")
        #expect(status.contains("\nUid:\t0\t0\t0\t0\n"))
        #expect(status.contains("\nCapEff:\t\(try ownCapabilities())\n"))
    }

    private func ownCapabilities() throws -> Substring {
        let lines = try readText("/proc/self/status").split(separator: "\n")
        return try #require(lines.first { $0.hasPrefix("CapEff:") }).dropFirst(8)
    }

    @Test func `planned limits hold`() throws {
        var sandbox = SandboxPlan.specimen
        sandbox.resourceLimits = [.init(resource: 4, soft: 0, hard: 0)]
        #expect(try output(of: "ulimit -Sc; ulimit -Hc", in: sandbox) == "0\n0\n")
    }

    @Test func `the keyring is a new one, and addresses are drawn at random`() throws {
        let shim = try ShimProcess(
            .shell("cat /proc/self/personality").inside(.specimen), mode: .namespace,
            wrapper: ["/usr/bin/setarch", "-R"])
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "00000000\n")
    }

    // MARK: What is left

    @Test func `nothing of it appears among the host's mounts`() throws {
        let seen = try output(of: "cat /proc/self/mountinfo")
        #expect(seen.contains(" /home/job "))
        let mounts = try readText("/proc/self/mountinfo")
        #expect(!mounts.contains("1879048192"))
        #expect(!mounts.contains(" /home/job "))
    }

    /// Nobody is there any more to write its end, so the kernel must have ended it.
    @Test func `it ends with its shim`() throws {
        let shim = try ShimProcess(
            .shell("sleep 1000").inside(.specimen), mode: .namespace)
        guard case .started(let leader, _)? = shim.report else {
            Issue.record("\(String(describing: shim.report))")
            return
        }
        let handle = try check(pidfd_open(leader, 0))
        defer { close(handle) }
        kill(shim.pid, SIGKILL)
        try waitUntilReadable(handle)
    }

    @Test func `a step that fails is named`() throws {
        var sandbox = SandboxPlan.specimen
        sandbox.root = .image(base: "/no/such/image")
        let shim = try ShimProcess(.shell("true").inside(sandbox), mode: .namespace)
        #expect(
            shim.report
                == .failed(stage: .namespaces, errno: ENOENT, detail: "image /no/such/image"))
        #expect(shim.end() == .exited(1))
    }
}
