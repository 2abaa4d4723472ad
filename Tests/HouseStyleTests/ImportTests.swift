import Testing

/// The rooms form a house with few doors.
///
/// The goal is that no room reaches into one it should not know, even where the manifest would let
/// it; the method is a table of doors against every import.
@Suite struct ImportTests {
    /// Which rooms each room may import, as docs/ARCHITECTURE.md draws it.
    static let doors: [String: Set<String>] = [
        "ShimProtocol": [],
        "Netlink": [],
        "ShimCore": ["CLinux", "Netlink", "ShimProtocol"],
        "Shim": ["ShimCore"],
        "Reactor": ["CLinux", "CURing"],
        "Transport": ["Reactor", "COpenSSL", "CNGHTTP2"],
        "Jobs": ["Reactor", "Netlink", "ShimProtocol"],
        "JobsAPI": [],
        "Server": ["Reactor", "Netlink", "Transport", "Jobs", "JobsAPI"],
        "Client": ["Reactor", "Transport", "JobsAPI"],
    ]

    /// Rooms that start fast and stay small, or are embedded: no Foundation.
    static let withoutFoundation: Set<String> = [
        "Netlink", "ShimProtocol", "ShimCore", "Shim", "Reactor", "Transport", "Jobs",
    ]

    /// All rooms, those written in C included.
    static let rooms = Set(doors.keys).union(["CLinux", "COpenSSL", "CNGHTTP2", "CURing"])

    @Test func `each room imports only the rooms it may know`() throws {
        let offences = try importsOfRooms { module, room in
            Self.rooms.contains(module) && module != room
                && Self.doors[room]?.contains(module) != true
        }
        #expect(offences.isEmpty, "\(offences.listed)")
    }

    @Test func `the core does without Foundation`() throws {
        let offences = try importsOfRooms { module, room in
            module.hasPrefix("Foundation") && Self.withoutFoundation.contains(room)
        }
        #expect(offences.isEmpty, "\(offences.listed)")
    }

    @Test func `every room in Sources is in the table`() throws {
        let found = Set(try SourceTree.current.get().files.filter { !$0.isTest }.map(\.room))
        // A room that is all generated code has no file of its own to be found by.
        #expect(found.union(["JobsAPI"]) == Set(Self.doors.keys))
    }

    private func importsOfRooms(
        where isForbidden: (_ module: String, _ room: String) -> Bool
    ) throws -> [Offence] {
        try SourceTree.current.get().files.filter { !$0.isTest }.flatMap { file in
            file.imports
                .filter { isForbidden($0.module, file.room) }
                .map { Offence(path: file.path, line: $0.line, text: "imports \($0.module)") }
        }
    }
}
