import Glibc
import Jobs
import ShimProtocol
import Testing

@testable import Jobs

/// Users of the host: found in its files, and taken on by real jobs.
@Suite(.timeLimit(.minutes(10))) struct HostUserTests {
    private static let passwd = """
        root:x:0:0:root:/root:/bin/bash
        ann:x:1000:1001:Ann,,,:/home/ann:/bin/sh
        short:x:7:7
        odd:x:eight:8::/:/bin/sh
        homeless:x:9:9:::
        """

    private static let group = """
        root:x:0:
        ann:x:1001:
        audio:x:29:ann,ben
        annexe:x:30:annie
        wheel:x:31:ben,ann
        broken:x
        """

    private func user(_ name: String) -> HostUser? {
        HostUser(named: name, passwd: Self.passwd, group: Self.group)
    }

    @Test func `a user has the own group and all that list the name`() throws {
        let ann = try #require(user("ann"))
        #expect(
            ann.credentials
                == HostCredentials(userID: 1000, groupID: 1001, groups: [1001, 29, 31]))
        #expect(ann.home == "/home/ann")
        #expect(user("homeless")?.home == "/")
    }

    @Test(arguments: ["", "ben", "short", "odd", "Ann", "1000", "ann:x"])
    func `anybody else is unknown`(name: String) {
        #expect(user(name) == nil)
    }

    @Test(.enabled(if: geteuid() == 0)) func `a job runs as the user, and no more`() throws {
        let bench = try Workbench()
        let line = """
            id -un; id -Gn; echo $HOME
            grep -E 'Cap(Prm|Eff|Inh)' /proc/self/status; echo x > /dev/stdout
            """
        let job = try bench.start(
            JobSpecification(command: .shell(line), isolation: .host, user: "nobody"))
        let output = try bench.output(of: job).text
        #expect(output.hasPrefix("nobody\nnogroup\n/nonexistent\n"))
        for set in ["CapInh", "CapPrm", "CapEff"] {
            #expect(output.contains("\(set):\t0000000000000000\n"))
        }
        #expect(output.hasSuffix("x\n"))
    }

    @Test(.enabled(if: geteuid() == 0)) func `a user that is unknown is told`() throws {
        let bench = try Workbench()
        let specification = JobSpecification(
            command: .shell("true"), isolation: .host, user: "no-such-user")
        guard case .failure(.startFailed(_, let failure)) = try bench.tryToStart(specification)
        else {
            Issue.record("it started")
            return
        }
        #expect(failure.stage == .credentials)
        #expect(failure.sentence.contains("no-such-user"))
    }

    @Test func `no user goes with a sandbox`() {
        let specification = JobSpecification(
            command: .shell("true"), isolation: .strict, user: "nobody")
        #expect(specification.validate().map(\.field) == ["user"])
    }
}
