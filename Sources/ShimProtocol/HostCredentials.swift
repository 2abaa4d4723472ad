/// The user of the host that a command runs as, decided by the daemon down to the last group.
package struct HostCredentials: Equatable, Sendable {
    /// The kernel takes no more, setgroups(2).
    package static let groupsMax = 65_536

    /// The user.
    package var userID: UInt32
    /// The user's own group.
    package var groupID: UInt32
    /// All others.
    package var groups: [UInt32]

    package init(userID: UInt32, groupID: UInt32, groups: [UInt32]) {
        self.userID = userID
        self.groupID = groupID
        self.groups = groups
    }

    func write(to writer: inout ByteWriter) {
        writer.append(userID)
        writer.append(groupID)
        writer.append(UInt32(groups.count))
        for group in groups { writer.append(group) }
    }

    /// The last number is nobody's: to chown(2) and setuid(2) it says "no change".
    init(from reader: inout ByteReader) throws(FormatError) {
        self.init(userID: try reader.integer(), groupID: try reader.integer(), groups: [])
        let count = try reader.integer(UInt32.self)
        guard count <= Self.groupsMax else { throw .malformed(field: "groups") }
        for _ in 0..<count { groups.append(try reader.integer()) }
        guard ![userID, groupID].contains(.max), !groups.contains(.max) else {
            throw .malformed(field: "credentials")
        }
    }
}
