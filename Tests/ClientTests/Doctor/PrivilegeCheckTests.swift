import Testing

@testable import Client

/// What the doctor says to whoever is not root.
@Suite struct PrivilegeCheckTests {
    private func texts(
        userID: UInt32 = 1000, group: String?, owners: [String: UInt32] = [:]
    ) -> [String] {
        PrivilegeCheck(
            userID: userID, hierarchy: group == nil ? nil : "/sys/fs/cgroup",
            text: { $0 == "/proc/self/cgroup" ? "1:cpu:/x\n0::\(group ?? "/")" : nil },
            owner: { owners[$0] }
        ).findings.map { "\($0.subject): \($0.text)" }
    }

    @Test func `root is told nothing`() {
        #expect(texts(userID: 0, group: "/a/b").isEmpty)
    }

    @Test func `others are told what jobs cannot have, and that nothing can be limited`() {
        let none = texts(group: nil)
        #expect(none[0].contains("no images, no private networks and no user but yourself"))
        #expect(none[1] == "limits: none for jobs of a server that runs as you")
        #expect(texts(group: "/")[1].contains("as /sys/fs/cgroup is not yours"))
        let others = ["/sys/fs/cgroup/a": UInt32(0)]
        #expect(texts(group: "/a/b", owners: others)[1].contains("/sys/fs/cgroup/a is not yours"))
    }

    @Test func `who has a place for groups is told where`() {
        let own = ["/sys/fs/cgroup/a": UInt32(1000)]
        #expect(texts(group: "/a/b", owners: own)[1].hasSuffix("have those of /sys/fs/cgroup/a"))
    }
}
