import Glibc
import ShimProtocol
import Testing

/// A sandbox that is made without privileges, which a user may give to itself alone.
@Suite(.enabled(if: ShimProcess.Mode.available.contains(.unprivileged)), .timeLimit(.minutes(10)))
struct RootlessSandboxTests {
    private static let own = SandboxPlan.IdentityRange(first: ShimProcess.otherUser, count: 1)

    private func output(of line: String) throws -> String {
        var sandbox = SandboxPlan.specimen
        sandbox.userIDs = Self.own
        sandbox.groupIDs = Self.own
        let shim = try ShimProcess(
            .shell(line, mergeOutput: true).inside(sandbox), mode: .unprivileged)
        #expect(shim.end() == .exited(0))
        if case .failed? = shim.report { Issue.record("\(String(describing: shim.report))") }
        return shim.text
    }

    @Test func `its root is the shim's user, and nobody else is there`() throws {
        let words = try output(of: "id -u; cat /proc/self/uid_map /proc/self/gid_map")
            .split(whereSeparator: \.isWhitespace)
        let map = ["0", "\(ShimProcess.otherUser)", "1"]
        #expect(words.map(String.init) == ["0"] + map + map)
    }

    @Test func `it sees what any sandbox shows, and not its first process`() throws {
        let line = "ls /home; ls -d /proc/1 2>&1; ls -A /tmp; echo mine > /tmp/x; cat /tmp/x"
        #expect(
            try output(of: line)
                == "job\nls: cannot access '/proc/1': No such file or directory\nmine\n")
    }
}
