import CSeccomp
import Glibc
import Jobs
import Testing

@testable import Jobs

/// A job in a sandbox makes the calls that it must not: real jobs, as root.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10))) struct SystemCallTests {
    /// What the kernel answered a job: an errno(3), or 0.
    private func answers(
        to calls: [(number: Int32, arguments: [String])],
        isolation: JobSpecification.Isolation = .strict
    ) throws -> [Int32] {
        let program = calls.map { call in
            let words = (["\(call.number)"] + call.arguments).joined(separator: ",")
            return "$! = 0; print syscall(\(words)) == -1 ? $!+0 : 0, \"\\n\";"
        }.reduce(Self.prelude, +)
        let bench = try Workbench()
        let job = try bench.start(
            JobSpecification(
                command: .program("/usr/bin/perl", arguments: ["-e", program]),
                isolation: isolation))
        let output = try bench.output(of: job)
        return output.text.split(separator: "\n").compactMap { Int32($0) }
    }

    private static let prelude =
        "my ($device, $pipe) = ('/tmp/device', '/tmp/pipe'); my $none = pack('QQ', 0, 0); "

    private func number(of name: String) -> Int32 { seccomp_syscall_resolve_name(name) }

    /// No call means anything with these arguments, should it get through after all.
    @Test func `every call that is denied is`() throws {
        let names = SystemCallTable.denied.flatMap(\.names).filter { number(of: $0) >= 0 }
        let calls = names.map { (number(of: $0), Array(repeating: "-1", count: 6)) }
        let answers = try answers(to: calls)
        try #require(answers.count == names.count)
        for (name, answer) in zip(names, answers) { #expect(answer == EPERM, "\(name)") }
    }

    @Test func `a call that nobody has heard of is unknown`() throws {
        #expect(
            try answers(to: [(999, []), (number(of: "clone3"), ["0", "0"])]) == [ENOSYS, ENOSYS])
    }

    @Test func `places for asynchronous requests are nobody's`() throws {
        let names = SystemCallTable.exceptions.map(\.name).filter { $0.hasPrefix("io_") }
        try #require(names.contains("io_setup"))
        let calls = names.map { (number(of: $0), ["65536", "$none"]) }
        #expect(try answers(to: calls) == names.map { _ in ENOSYS })
    }

    static let refused: [(String, [String])] =
        [
            "0x20000", "0x2000000", "0x4000000", "0x8000000", "0x10000000", "0x20000000",
            "0x40000000",
        ].map { ("clone", ["\($0)|17", "0", "0", "0", "0"]) }
        + [
            ("ioctl", ["0", "0x5412", "0"]), ("ioctl", ["0", "0x541C", "0"]),
            // The kernel takes no notice of the upper half.
            ("ioctl", ["0", "0x100005412", "0"]),
            ("socket", ["2", "3", "1"]), ("socket", ["10", "3", "58"]),
            ("socket", ["2", "3|0x80000", "1"]), ("socket", ["16", "3", "15"]),
            ("socket", ["17", "3", "0"]), ("socket", ["38", "5", "0"]),
            ("socket", ["40", "1", "0"]),
            ("socket", ["0x100000002", "1", "0"]),
            ("socket", ["2", "1", "132"]), ("socket", ["10", "5", "132"]),
            ("socket", ["10", "6|0x80000", "33"]), ("socket", ["2", "5", "0"]),
            ("socket", ["2", "2", "115"]), ("socket", ["10", "1", "0x100000100"]),
            ("socketpair", ["2", "1", "0", "$none"]), ("socketpair", ["38", "5", "0", "$none"]),
            ("socketpair", ["40", "1", "0", "$none"]), ("socketpair", ["0", "1", "0", "$none"]),
            ("socketpair", ["0x100000001", "1", "0", "$none"]),
            ("prlimit64", ["1", "0", "$none", "0"]), ("prlimit64", ["1", "7", "$none", "$none"]),
            ("mknod", ["$device", "0020666", "0x103"]),
            ("mknod", ["$device", "0060666", "0x800"]),
            ("mknodat", ["-100", "$device", "0020666", "0x103"]),
        ]

    @Test func `calls with arguments that are denied are refused`() throws {
        let answers = try answers(to: Self.refused.map { (number(of: $0.0), $0.1) })
        try #require(answers.count == Self.refused.count)
        for (call, answer) in zip(Self.refused, answers) { #expect(answer == EPERM, "\(call)") }
    }

    /// The first two would change the limit, the last only asks for it.
    @Test func `a limit of core dumps stays as it is`() throws {
        let answers = try answers(to: [
            (number(of: "setrlimit"), ["4", "$none"]),
            (number(of: "prlimit64"), ["0", "4", "$none", "0"]),
            (number(of: "prlimit64"), ["0", "4", "0", "$none"]),
        ])
        #expect(answers == [0, 0, 0])
        let bench = try Workbench()
        let job = try bench.start(
            JobSpecification(
                command: .shell("ulimit -c 0 && cat /proc/self/limits"), isolation: .strict))
        let line = try bench.output(of: job).text.split(separator: "\n")
            .first { $0.hasPrefix("Max core file size") }
        #expect(line?.split(separator: " ").suffix(3) == ["1", "1", "bytes"])
    }

    static let granted: [(String, [String])] = [
        ("socket", ["1", "1", "0"]), ("socket", ["2", "1|0x80000", "0"]),
        ("socket", ["10", "2", "0"]), ("socket", ["2", "1", "6"]), ("socket", ["10", "2", "17"]),
        ("socketpair", ["1", "1|0x80000", "0", "$none"]),
        ("socket", ["16", "3", "0"]), ("mknod", ["$pipe", "0010600", "0"]),
        ("getpid", []), ("landlock_create_ruleset", ["0", "0", "1"]),
    ]

    @Test func `calls that programs need are granted`() throws {
        let answers = try answers(to: Self.granted.map { (number(of: $0.0), $0.1) })
        #expect(answers == Self.granted.map { _ in 0 })
    }

    /// What is refused above would succeed, so it is the filter that refuses it.
    @Test func `a job that is not shut off may make such calls`() throws {
        let calls: [(String, [String])] = [
            ("socket", ["16", "3", "15"]), ("socket", ["2", "3", "1"]), ("unshare", ["0x4000000"]),
            ("keyctl", ["0", "-3", "0"]), ("personality", ["0"]),
        ]
        let answers = try answers(
            to: calls.map { (number(of: $0.0), $0.1) }, isolation: .host)
        #expect(answers == calls.map { _ in 0 })
    }

    /// Its numbers mean other calls, so no table holds for it.
    @Test func `a call in the manner of another architecture ends the process`() throws {
        let bench = try Workbench()
        let job = try bench.start(
            JobSpecification(
                command: .program("/usr/bin/perl", arguments: ["-e", "syscall(0x40000000 | 39)"]),
                isolation: .strict))
        try bench.waitForEnd(of: job)
        #expect(job.exitStatus == .signaled(number: SIGSYS))
    }
}
