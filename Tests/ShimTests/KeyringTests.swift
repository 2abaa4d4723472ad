import Glibc
import ShimProtocol
import Testing

/// What the daemon was given keys for is not what its jobs are; keyrings(7).
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10)))
struct KeyringTests {
    /// As a daemon that has a key in its session keyring, which whoever has that keyring may find.
    private static let daemon = [
        "/usr/bin/perl", "-e",
        """
        my ($type, $name, $data) = ("user", "cmdctl-test", "secret");
        syscall(\(Call.keyctl), \(Call.joinSession), 0) > 0
            && syscall(\(Call.addKey), $type, $name, $data, 6, \(Call.session)) > 0
            || die $!;
        exec @ARGV
        """,
    ]

    private static let search = [
        "-e",
        """
        my ($type, $name) = ("user", "cmdctl-test");
        my $key = syscall(\(Call.keyctl), \(Call.search), \(Call.session), $type, $name, 0);
        print $key > 0 ? "found" : "missing"
        """,
    ]

    /// Numbers of linux/keyctl.h and, for x86-64, asm/unistd.h.
    private enum Call {
        static let addKey = 248
        static let keyctl = 250
        static let joinSession = 1
        static let search = 10
        static let session = -3
    }

    private func finding(_ change: (inout ShimPlan) -> Void) throws -> String {
        var plan = ShimPlan.running("/usr/bin/perl", Self.search)
        change(&plan)
        let shim = try ShimProcess(plan, wrapper: Self.daemon)
        #expect(shim.end() == .exited(0))
        if case .failed? = shim.report { Issue.record("\(String(describing: shim.report))") }
        return shim.text
    }

    @Test func `a job as the daemon's own user has the daemon's keys`() throws {
        #expect(try finding { _ in } == "found")
    }

    @Test func `a job as another user has not`() throws {
        let user = ShimProcess.otherUser
        let credentials = HostCredentials(userID: user, groupID: user, groups: [user])
        #expect(try finding { $0.credentials = credentials } == "missing")
    }

    @Test func `a job in a sandbox has not`() throws {
        #expect(try finding { $0 = $0.inside(.specimen) } == "missing")
    }
}
