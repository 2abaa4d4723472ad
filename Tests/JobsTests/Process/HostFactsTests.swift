import Testing

@testable import Jobs

/// What is read from procfs, as tables of texts.
@Suite struct HostFactsTests {
    @Test func `number, user and capabilities`() {
        let status = ProcessStatus(
            parsing: """
                Name:\tcmdctld
                Pid:\t4711
                Uid:\t1000\t1001\t1000\t1000
                CapEff:\t0000000000200000
                """)
        #expect(status.processID == 4711)
        #expect(status.userID == 1001)
        #expect(status.mayAdministrateSystem)
    }

    @Test(arguments: ["", "CapEff:", "CapEff:\tzz", "Uid:\t1\nCapEff:\t00000000001fffff"])
    func `what is missing is absent`(text: String) {
        let status = ProcessStatus(parsing: text)
        #expect(status.processID == nil)
        #expect(status.userID == nil)
        #expect(!status.mayAdministrateSystem)
    }

    @Test(arguments: [
        (0 as UInt32, "/root" as String?), (1000, "/home/ann"), (65534, nil), (7, nil), (8, nil),
    ]) func `home directory`(user: UInt32, home: String?) {
        let passwd = """
            root:x:0:0:root:/root:/bin/bash
            ann:x:1000:1000:Ann,,,:/home/ann:/bin/sh
            bad:x:7:7
            relative:x:8:8::home:/bin/sh
            """
        #expect(homeDirectory(of: user, in: passwd) == home)
    }
}

/// Where control groups are, after mount tables of many hosts.
@Suite struct ControlGroupMountTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let mountInfo: String
        let membership: String
        let directory: String?
    }

    private static let other = """
        22 26 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
        24 26 0:22 / /proc rw shared:13 - proc proc rw
        """

    static let rows = [
        Row(
            testDescription: "a host with systemd",
            mountInfo: """
                \(other)
                30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate
                """,
            membership: "0::/system.slice/cmdctld.service\n",
            directory: "/sys/fs/cgroup/system.slice/cmdctld.service"),
        Row(
            testDescription: "both versions side by side",
            mountInfo: """
                31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
                32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
                """,
            membership: "2:cpu:/a\n1:name=systemd:/b\n0::/\n",
            directory: "/sys/fs/cgroup/unified"),
        Row(
            testDescription: "the mount shows a part of the hierarchy",
            mountInfo: "30 22 0:26 /box/7 /cg rw master:9 propagate_from:2 - cgroup2 none rw",
            membership: "0::/box/7/app\n", directory: "/cg/app"),
        Row(
            testDescription: "that part itself",
            mountInfo: "30 22 0:26 /box/7 /cg rw - cgroup2 none rw",
            membership: "0::/box/7\n", directory: "/cg"),
        Row(
            testDescription: "another part",
            mountInfo: "30 22 0:26 /box/7 /cg rw - cgroup2 none rw",
            membership: "0::/box/77\n", directory: nil),
        Row(
            testDescription: "blanks in the path",
            mountInfo: #"30 22 0:26 / /my\040groups rw - cgroup2 none rw"#,
            membership: "0::/a\n", directory: "/my groups/a"),
        Row(
            testDescription: "mounted read-only",
            mountInfo: "30 22 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw",
            membership: "0::/\n", directory: nil),
        Row(
            testDescription: "a read-only file system",
            mountInfo: "30 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup ro,nsdelegate",
            membership: "0::/\n", directory: nil),
        Row(
            testDescription: "the later mount lies on top",
            mountInfo: """
                30 22 0:26 / /old rw - cgroup2 none rw
                31 22 0:26 / /new rw - cgroup2 none rw
                """,
            membership: "0::/a\n", directory: "/new/a"),
        Row(
            testDescription: "only version 1",
            mountInfo: "31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
            membership: "2:cpu:/a\n", directory: nil),
        Row(testDescription: "nothing", mountInfo: "", membership: "", directory: nil),
        Row(
            testDescription: "noise", mountInfo: "- - -\n30 22 0:26 / /cg rw - cgroup2",
            membership: "0::/\n", directory: nil),
    ]

    @Test(arguments: rows) func `the directory of the own group`(row: Row) {
        let mount = ControlGroupMount.find(in: row.mountInfo)
        #expect(mount?.directory(for: row.membership) == row.directory)
    }
}
