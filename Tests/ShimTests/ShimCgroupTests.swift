import Glibc
import ShimProtocol
import Testing

/// Jobs in a control group of their own, where the host has a v2 hierarchy to write to.
@Suite(.timeLimit(.minutes(10)))
struct ShimCgroupTests {
    typealias Mode = ShimProcess.Mode

    /// The root of the v2 hierarchy, found where the kernel says it is mounted; proc(5), mountinfo.
    static let hierarchy: String? = {
        let file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        return String(decoding: readToEnd(file), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
            .filter { $0.contains("cgroup2") && $0.count > 4 }
            .map { $0[4] }
            .first { access($0, W_OK) == 0 }
    }()

    /// A group that goes away with its owner, which the kernel allows only when it is empty.
    final class Group {
        let path: String

        init(in hierarchy: String) throws {
            path = "\(hierarchy)/cmdctl-shim-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            try check(mkdir(path, 0o755))
        }

        deinit { rmdir(path) }

        func remove() throws { try check(rmdir(path)) }
    }

    private static let modes = hierarchy == nil ? [] : Mode.available.filter { $0 != .unprivileged }

    @Test(.enabled(if: hierarchy != nil), arguments: modes)
    func `a job is born into its group, and leaves it empty`(mode: Mode) throws {
        let group = try Group(in: try #require(Self.hierarchy))
        var plan = ShimPlan.shell("grep ^0: /proc/self/cgroup; setsid sleep 1000 & exit 0")
        plan.cgroupDirectory = group.path
        let shim = try ShimProcess(plan, mode: mode)
        #expect(shim.end() == .exited(0))
        let name = try #require(group.path.split(separator: "/").last)
        #expect(shim.text.hasPrefix("0::/") && shim.text.hasSuffix("/\(name)\n"))
        try group.remove()
    }

    @Test(arguments: Mode.available)
    func `a group that does not exist is named`(mode: Mode) throws {
        var plan = ShimPlan.shell("echo never")
        plan.cgroupDirectory = "/no/such/group"
        let shim = try ShimProcess(plan, mode: mode)
        #expect(shim.report == .failed(stage: .cgroup, errno: ENOENT, detail: "/no/such/group"))
        #expect(shim.end() == .exited(1))
    }

    @Test(arguments: Mode.available)
    func `a directory that is no group is named`(mode: Mode) throws {
        var plan = ShimPlan.shell("echo never")
        plan.cgroupDirectory = "/tmp"
        let shim = try ShimProcess(plan, mode: mode)
        #expect(shim.report == .failed(stage: .cgroup, errno: EBADF, detail: "/tmp"))
    }
}
