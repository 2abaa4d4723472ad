import Glibc
import Jobs
import Reactor
import Simulator
import Testing

/// Jobs that are shut off, as the supervisor starts them: real ones, as root.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10))) struct StrictJobTests {
    private func strict(
        _ line: String, network: JobSpecification.Network? = nil
    ) -> JobSpecification {
        JobSpecification(
            command: .shell(line), mergeOutput: true, isolation: .strict, network: network)
    }

    private func output(_ specification: JobSpecification) throws -> String {
        let bench = try Workbench()
        let job = try bench.start(specification)
        return try bench.output(of: job).text
    }

    @Test func `a job runs as root of a world of its own`() throws {
        let bench = try Workbench()
        let job = try bench.start(strict("id -u; pwd; echo $HOME; uname -n; ls ~"))
        #expect(try bench.output(of: job).text == "0\n/\n/home/job\n\(job.id)\n")
        #expect(job.outcome == .succeeded)
    }

    @Test func `it has the documented capabilities, two filters and no more privileges`() throws {
        let status = try output(strict("cat /proc/self/status"))
        for line in [
            "CapInh:\t0000000000000000", "CapPrm:\t00000000000004fb", "CapEff:\t00000000000004fb",
            "CapBnd:\t00000000000004fb", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1",
            "Seccomp:\t2", "Seccomp_filters:\t2",
        ] {
            #expect(status.contains("\n\(line)\n"), "\(line)")
        }
    }

    /// As installers do it.
    @Test func `it may have users of its own`() throws {
        let line =
            "touch /tmp/f && chown 33:44 /tmp/f && stat -c %u:%g /tmp/f"
            + " && setpriv --reuid 33 --clear-groups id -u"
        #expect(try output(strict(line)) == "33:44\n33\n")
    }

    @Test func `it is told how it would have to be started to be stopped`() throws {
        let bench = try Workbench()
        let job = try bench.start(
            strict("trap 'echo bye; exit 3' TERM; echo ready; read x < /dev/ptmx"))
        try bench.waitForOutput("ready\n", of: job)
        _ = try bench.stop(job, grace: .seconds(60))
        #expect(job.exitStatus == .exited(code: 3))
    }

    @Test func `jobs of two tenants are different users of the host, those of one the same`() throws
    {
        let bench = try Workbench()
        let jobs = try [Workbench.alice, Workbench.bob, Workbench.alice].map { owner in
            try bench.tryToStart(strict("cat /proc/self/uid_map; sleep 1000"), owner: owner).get()
        }
        var bases: [String] = []
        for job in jobs {
            let output = bench.followed(job)
            try bench.turn { output.text.hasSuffix("\n") }
            bases.append(output.text)
            output.close()
        }
        #expect(bases[0] == bases[2])
        #expect(bases[0] != bases[1])
        for job in jobs { _ = try bench.stop(job, grace: .zero) }
    }

    @Test func `users stay a tenant's over a restart`() throws {
        let bench = try Workbench()
        let job = try bench.start(strict("sleep 1000"))
        try bench.restart()
        let other = try bench.tryToStart(strict("cat /proc/self/uid_map"), owner: Workbench.bob)
            .get()
        let map = try bench.output(of: other).text.split(separator: " ")
        #expect(map.dropFirst().first == "1879113728", "the second range")
        _ = try bench.stop(try bench.now(job), grace: .zero)
        let last = try bench.tryToStart(strict("cat /proc/self/uid_map"), owner: Workbench.bob)
            .get()
        try bench.settle()
        let reused = try bench.output(of: last).text.split(separator: " ")
        #expect(reused.dropFirst().first != nil)
    }

    @Test func `users of jobs that run on are nobody else's when the records are lost`() throws {
        let bench = try Workbench()
        let jobs = try [Workbench.alice, Workbench.bob].map { owner in
            try bench.tryToStart(strict("sleep 1000"), owner: owner).get()
        }
        try bench.endLife()
        bench.loseRecords()
        try bench.beginLife()
        #expect(try firstUser(in: bench) == "1879179264", "the third range")
        // Also when the jobs are on record again.
        try bench.restart()
        #expect(try firstUser(in: bench) == "1879179264")
        for job in jobs { _ = try bench.stop(try bench.now(job), grace: .zero) }
        try bench.settle()
        #expect(try firstUser(in: bench) == "1879048192")
    }

    @Test(arguments: [true, false])
    func `users are free when the end of the last job is on record, or its deletion`(
        isDeleted: Bool
    ) throws {
        let bench = try Workbench()
        let job = try bench.start(strict("sleep 1000"))
        bench.disk.faults.recordsAreFull = true
        _ = try bench.stop(job, grace: .zero)
        try bench.turn { job.hasEnded }
        bench.disk.faults.recordsAreFull = false
        #expect(try firstUser(in: bench) == "1879113728", "the second range")
        if isDeleted { try bench.delete(job) }
        try bench.settle()
        #expect(try firstUser(in: bench) == "1879048192")
    }

    /// The host's user that a new job of a third tenant's is.
    private func firstUser(in bench: Workbench) throws -> Substring? {
        let carol = Viewer(tenant: Tenant(name: "carol"), isAdmin: false)
        let job = try bench.tryToStart(strict("cat /proc/self/uid_map"), owner: carol).get()
        return try bench.output(of: job).text.split(separator: " ").dropFirst().first
    }

    @Test func `a directory of the host is none of the job's`() throws {
        let bench = try Workbench()
        var specification = strict("true")
        specification.workingDirectory = bench.directory
        let result = try bench.tryToStart(specification)
        guard case .failure(.startFailed(_, let failure)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(failure.cause == .workingDirectoryUnusable)
    }

    @Test func `the host's network is there for those who ask for it`() throws {
        let line = "readlink /proc/self/ns/net"
        let own = try output(JobSpecification(command: .shell(line)))
        #expect(try output(strict(line, network: .host)) == own)
        #expect(try output(strict(line)) != own)
    }

    @Test func `nothing but the host's network goes without isolation`() throws {
        let bench = try Workbench()
        let specification = JobSpecification(
            command: .shell("true"), network: JobSpecification.Network.none)
        let result = try bench.tryToStart(specification)
        guard case .failure(.invalidSpecification(let problems)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(problems.map(\.field) == ["network"])
    }
}
