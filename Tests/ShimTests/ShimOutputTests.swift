import Glibc
import ShimProtocol
import Testing

/// That every byte arrives, and what happens when it cannot.
@Suite(.timeLimit(.minutes(10)))
struct ShimOutputTests {
    typealias Mode = ShimProcess.Mode

    @Test(arguments: Mode.available)
    func `bytes keep their stream`(mode: Mode) throws {
        let shim = try ShimProcess(
            .shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done"), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.output(from: .stdout) == Array("out 1\nout 2\nout 3\n".utf8))
        #expect(shim.output(from: .stderr) == Array("err 1\nerr 2\nerr 3\n".utf8))
        #expect(shim.verdict?.outputSize == UInt64(shim.log.count))
    }

    @Test(arguments: Mode.available)
    func `merged streams keep their order`(mode: Mode) throws {
        let line =
            "i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i+1)); echo $i >&2; i=$((i+1)); done"
        let shim = try ShimProcess(.shell(line, mergeOutput: true), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == (0..<1000).map { "\($0)\n" }.joined())
        #expect(shim.output(from: .stderr).isEmpty)
    }

    /// The data stands in a file, so that the test knows every byte of it.
    @Test(arguments: Mode.available)
    func `binary output arrives byte for byte`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let data = (0..<(5 << 20) + 12_345).map {
            UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9)
        }
        close(try directory.makeFile("data", data))
        let shim = try ShimProcess(
            .shell("cat \(directory.path)/data; head -c 100000 \(directory.path)/data >&2"),
            mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.output(from: .stdout) == data)
        #expect(shim.output(from: .stderr) == Array(data.prefix(100_000)))
    }

    @Test(arguments: Mode.available)
    func `offsets and times of the records never go back`(mode: Mode) throws {
        let shim = try ShimProcess(
            .shell("for i in $(seq 300); do echo $i; echo $i >&2; done"), mode: mode)
        #expect(shim.end() == .exited(0))
        let marks = shim.records.compactMap { record -> (UInt64, Int64)? in
            switch record {
            case .run(let offset, let time, _): (offset, time)
            case .end(let end): (end.outputSize, end.timeNanoseconds)
            case .started, .gap, .neverRan: nil
            }
        }
        #expect(marks.count > 2)
        for (mark, next) in zip(marks, marks.dropFirst()) {
            #expect(mark.0 <= next.0 && mark.1 <= next.1)
        }
    }

    /// What a job writes last, just before it ends, is what its user wants to see most.
    @Test(arguments: Mode.available)
    func `the last byte before the end arrives, two hundred times`(mode: Mode) throws {
        let shims = try (0..<200).map { number in
            try ShimProcess(
                .shell("printf '%s out' \(number); printf '%s err' \(number) >&2; exit \(number)"),
                mode: mode)
        }
        for (number, shim) in shims.enumerated() {
            #expect(shim.end() == .exited(0))
            #expect(shim.output(from: .stdout) == Array("\(number) out".utf8))
            #expect(shim.output(from: .stderr) == Array("\(number) err".utf8))
            #expect(shim.verdict?.how == .exited(code: Int32(number)))
        }
    }

    /// A job that says no more may still have much to do.
    @Test(arguments: Mode.available)
    func `closed streams do not end a job`(mode: Mode) throws {
        let shim = try ShimProcess(.shell("echo first; exec >&- 2>&-; sh -c 'exit 6'"), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "first\n")
        #expect(shim.verdict?.how == .exited(code: 6))
    }

    @Test(arguments: Mode.available)
    func `usage covers the descendants`(mode: Mode) throws {
        let line = "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; true"
        let shim = try ShimProcess(.shell(line), mode: mode)
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.userCPUMicroseconds > 10_000)
        #expect(verdict.maxResidentBytes > 100_000)
    }

    /// RLIMIT_FSIZE also sends SIGXFSZ, which would end a shim that does not expect it.
    @Test(arguments: Mode.available)
    func `a log at its file size limit drops the rest and says so`(mode: Mode) throws {
        let limit = ["/usr/bin/prlimit", "--fsize=100000"]
        let shim = try ShimProcess(
            .shell("head -c 300000 /dev/zero; exit 2"), mode: mode, wrapper: limit)
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .exited(code: 2))
        #expect(verdict.outputSize == 100_000 && verdict.droppedBytes == 200_000)
        #expect(shim.log.count == 100_000)
        #expect(
            shim.gaps == [Gap(offset: 100_000, droppedBytes: 200_000, reason: .fileTooLarge)])
    }

    /// The log is on a file system of 1 MiB that holds 512 KiB of something else, until the job
    /// removes that.
    ///
    /// The job's writes succeed throughout: it never feels the disk.
    @Test(
        .enabled(if: canMountUnseen), arguments: Mode.available.filter { $0 != .unprivileged })
    func `a full disk drops output until there is space again`(mode: Mode) throws {
        let mount = """
            mount -t tmpfs -o size=1m tmpfs /mnt && head -c 524288 /dev/zero > /mnt/ballast &&
            exec 4> /mnt/log && exec "$@"
            """
        let directory = try ScratchDirectory()
        let witness = try Witness(in: directory)
        let gate = try Gate(in: directory)
        let shim = try ShimProcess(
            .shell(
                """
                head -c 3000000 /dev/zero; rm /mnt/ballast; echo after
                echo > \(witness.path); read line < \(gate.path)
                """), mode: mode, wrapper: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
        _ = try witness.readLine()
        let log = try check(open("/proc/\(shim.pid)/fd/4", O_RDONLY | O_CLOEXEC))
        defer { close(log) }
        try gate.open()
        #expect(shim.end() == .exited(0))

        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .exited(code: 0))
        #expect(verdict.droppedBytes > 2_000_000)
        #expect(verdict.droppedBytes + verdict.outputSize == 3_000_006)
        #expect(shim.gaps.map(\.droppedBytes).reduce(0, +) == verdict.droppedBytes)
        #expect(shim.gaps.allSatisfy { $0.reason == .noSpace })
        let bytes = readToEnd(log)
        #expect(bytes.count == Int(verdict.outputSize))
        #expect(bytes.suffix(6) == Array("after\n".utf8)[...])
    }

    /// The descriptors as a daemon may have opened them.
    @Test func `a log opened for appending is written at the right place`() throws {
        let reopen = "exec 4>> /proc/self/fd/4 5>> /proc/self/fd/5 && exec \"$@\""
        let shim = try ShimProcess(
            .shell("echo one; echo two >&2"), wrapper: ["/bin/sh", "-c", reopen, "sh"])
        #expect(shim.end() == .exited(0))
        #expect(shim.log.count == 8)
        #expect(shim.verdict?.outputSize == 8)
    }

    /// A process that is no part of the job any more may have been given the job's pipe.
    @Test(arguments: Mode.available)
    func `a pipe that somebody else holds does not keep a job from ending`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let witness = try Witness(in: directory)
        let gate = try Gate(in: directory)
        let shim = try ShimProcess(
            .shell("echo held; echo > \(witness.path); read line < \(gate.path)"), mode: mode)
        _ = try witness.readLine()
        guard case .started(let leader, _)? = shim.report else { return }
        let pipe = try check(open("/proc/\(leader)/fd/1", O_WRONLY | O_CLOEXEC))
        defer { close(pipe) }
        try gate.open()
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "held\n")
    }
}

/// A gap record without its time.
struct Gap: Equatable {
    let offset: UInt64
    let droppedBytes: UInt64
    let reason: GapReason
}

extension Gap {
    /// Nil if the record is about something else.
    init?(_ record: IndexRecord) {
        guard case .gap(let offset, _, let dropped, let reason) = record else { return nil }
        self.init(offset: offset, droppedBytes: dropped, reason: reason)
    }
}

extension ShimProcess {
    var gaps: [Gap] {
        records.compactMap(Gap.init)
    }
}
