import Foundation

/// A client's certificate, its key, and the authority it believes.
struct Identity {
    let certificate: String
    let key: String
    let authority: String

    /// The flags that make cmdctl use it.
    var flags: [String] { ["--cacert", authority, "--cert", certificate, "--key", key] }
}

/// The authorities and certificates of one test, made with `cmdctl pki`.
struct Certificates {
    let directory: String

    /// Makes a server authority, a client authority and the certificate of a server at `host`.
    init(in directory: String, host: String = "127.0.0.1") throws {
        self.directory = directory
        try Self.pki(["init", directory])
        try Self.pki(
            ["issue", "--dir", directory, "server", "--host", "localhost", "--host", host])
    }

    var server: Identity {
        Identity(
            certificate: "\(directory)/server.pem", key: "\(directory)/server.key",
            authority: "\(directory)/server-ca.pem")
    }

    var clientAuthority: String { "\(directory)/client-ca.pem" }

    /// Issues a client certificate.
    func issue(_ name: String, role: String? = nil) throws -> Identity {
        let role = role.map { ["--role", $0] } ?? []
        try Self.pki(["issue", "--dir", directory, "client", name] + role)
        return Identity(
            certificate: "\(directory)/\(name).pem", key: "\(directory)/\(name).key",
            authority: "\(directory)/server-ca.pem")
    }

    /// Issues a certificate for a server's use, but signed by the authority of clients: only its
    /// usage is wrong.
    func issueServerByClientAuthority() throws -> Identity {
        // A copy of the directory, in which the two authorities have changed places.
        let mixed = directory + "-mixed"
        try FileManager.default.createDirectory(
            atPath: mixed, withIntermediateDirectories: false)
        for kind in ["pem", "key"] {
            for (from, to) in [("client", "server"), ("server", "client")] {
                try FileManager.default.copyItem(
                    atPath: "\(directory)/\(from)-ca.\(kind)", toPath: "\(mixed)/\(to)-ca.\(kind)")
            }
        }
        try Self.pki(["issue", "--dir", mixed, "server", "--host", "localhost"])
        return Identity(
            certificate: "\(mixed)/server.pem", key: "\(mixed)/server.key",
            authority: server.authority)
    }

    private static func pki(_ arguments: [String]) throws {
        let spawn = Spawn(path: Programs.cmdctl, arguments: ["pki"] + arguments)
        let finished = try RunningProgram(spawn).finish()
        guard finished.code == 0 else { throw EndToEndFailure("\(finished)") }
    }
}
