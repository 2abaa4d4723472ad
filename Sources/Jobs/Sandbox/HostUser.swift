import Reactor
import ShimProtocol

/// A user of the host, by the files of passwd(5) and group(5).
///
/// Other sources, as a directory service, are not asked: that may take any time.
struct HostUser: Equatable {
    /// What the kernel is told.
    let credentials: HostCredentials
    /// Where the user's files are.
    let home: String

    /// Finds a user by name; nil if there is none.
    init?(named name: String, passwd: String, group: String) {
        guard let fields = Self.lines(of: passwd).first(where: { $0[0] == name }),
            fields.count >= 6, let userID = UInt32(fields[2]), let groupID = UInt32(fields[3])
        else { return nil }
        let groups = Self.lines(of: group).filter { fields in
            fields.count >= 4 && fields[3].split(separator: ",").contains { $0 == name }
        }
        credentials = HostCredentials(
            userID: userID, groupID: groupID,
            groups: ([groupID] + groups.compactMap { UInt32($0[2]) }).reduce(into: []) {
                if !$0.contains($1) { $0.append($1) }
            })
        home = fields[5].hasPrefix("/") ? String(fields[5]) : "/"
    }

    /// Reads the files of this host; for a worker.
    init?(named name: String, kernel: any Kernel) {
        let text = { (path: String) in
            String(
                decoding: (try? kernel.contents(of: path, sizeMax: 16 << 20)) ?? [], as: UTF8.self)
        }
        self.init(named: name, passwd: text("/etc/passwd"), group: text("/etc/group"))
    }

    private static func lines(of text: String) -> [[Substring]] {
        text.split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
    }
}

extension StartFailure {
    /// Nobody of that name is known to the host.
    static func unknownUser(_ name: String) -> StartFailure {
        StartFailure(
            stage: .credentials, errorNumber: 0, cause: .other,
            sentence: "The server's host has no user \(quoted(name)) in its /etc/passwd. "
                + "Check the name.")
    }
}
