/// Where a version 2 hierarchy of control groups is mounted; see cgroups(7).
struct ControlGroupMount: Equatable {
    /// The group that the mount shows as its root: not `/` inside containers.
    let root: String
    /// Where it is mounted.
    let mountPoint: String

    /// Finds the mount in proc_pid_mountinfo(5).
    ///
    /// A later mount lies over an earlier one, so the last is the one that is seen. A line reads
    /// `36 35 98:0 /root /mount/point rw,noatime master:1 - cgroup2 source rw`, with any number of
    /// optional fields before the dash; blanks within fields are written as octal escapes. A mount
    /// that is read-only cannot hold groups of ours.
    static func find(in mountInfo: String) -> ControlGroupMount? {
        for line in mountInfo.split(separator: "\n").reversed() {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"),
                fields.count > dash + 3, fields[dash + 1] == "cgroup2"
            else { continue }
            let isReadOnly = [fields[5], fields[dash + 3]].contains { options in
                options.split(separator: ",").contains("ro")
            }
            guard !isReadOnly else { return nil }
            return ControlGroupMount(
                root: unescaped(fields[3]), mountPoint: unescaped(fields[4]))
        }
        return nil
    }

    /// The directory of the group that a process is in, after its proc_pid_cgroup(5).
    ///
    /// The line of a version 2 hierarchy reads `0::/path`. A group outside of what the mount shows
    /// has no directory.
    func directory(for membership: String) -> String? {
        let line = membership.split(separator: "\n").first { $0.hasPrefix("0::/") }
        guard let group = line?.dropFirst(3) else { return nil }
        if root == "/" { return group == "/" ? mountPoint : mountPoint + group }
        if group == root { return mountPoint }
        guard group.hasPrefix(root + "/") else { return nil }
        return mountPoint + group.dropFirst(root.count)
    }

    /// Undoes `\040` and its like.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(Substring(digits)), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
