import Glibc
import ShimProtocol
import Testing

/// A sandbox that is made without privileges, which a user may give to itself alone.
@Suite(.enabled(if: ShimProcess.Mode.available.contains(.unprivileged)), .timeLimit(.minutes(10)))
struct RootlessSandboxTests {
    private static let own = SandboxPlan.IdentityRange(first: ShimProcess.otherUser, count: 1)

    private func start(_ line: String) throws -> ShimProcess {
        var sandbox = SandboxPlan.specimen
        sandbox.userIDs = Self.own
        sandbox.groupIDs = Self.own
        return try ShimProcess(
            .shell(line, mergeOutput: true).inside(sandbox), mode: .unprivileged)
    }

    private func output(of line: String) throws -> String {
        let shim = try start(line)
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

    /// The files in /proc of whoever is hidden are root's, proc(5).
    @Test func `neither the shim nor the first process can be looked into`() throws {
        let shim = try start("sleep 1000")
        guard case .started? = shim.report else {
            Issue.record("\(String(describing: shim.report))")
            return
        }
        let children = try readText("/proc/\(shim.pid)/task/\(shim.pid)/children")
        let processes = ["\(shim.pid)"] + children.split(separator: " ").map(String.init)
        #expect(processes.count == 2)
        for process in processes {
            var status = stat()
            try check(stat("/proc/\(process)/fd", &status))
            #expect(status.st_uid == 0)
        }
    }
}
