import Foundation

/// The `openssl` program, as the other side of a handshake and as an authority without scruples.
struct OpenSSL {
    let directory: String

    /// Connects with TLS and stays until the server closes.
    ///
    /// A TLS 1.3 client is done before it hears that its certificate is refused, so only the alert
    /// proves anything; `-ign_eof` makes s_client wait for it.
    static func connect(to address: String, _ flags: [String]) throws -> Finished {
        try RunningProgram(
            Spawn(
                path: "/usr/bin/openssl",
                arguments: ["s_client", "-connect", address, "-alpn", "h2", "-ign_eof"] + flags)
        ).finish()
    }

    /// Issues a client certificate that was valid for one day in the past.
    func issueExpired(_ name: String, by certificates: Certificates) throws -> Identity {
        let key = "\(directory)/\(name).key"
        let request = "\(directory)/\(name).csr"
        let certificate = "\(directory)/\(name).pem"
        try run(
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
                + ["-keyout", key, "-out", request, "-subj", "/CN=\(name)"])
        try authorityConfiguration.write(
            toFile: "\(directory)/ca.cnf", atomically: true, encoding: .utf8)
        try "".write(toFile: "\(directory)/index.txt", atomically: true, encoding: .utf8)
        try run(
            ["ca", "-batch", "-config", "\(directory)/ca.cnf", "-notext"]
                + ["-cert", certificates.clientAuthority]
                + ["-keyfile", certificates.directory + "/client-ca.key"]
                + ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"]
                + ["-in", request, "-out", certificate])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        return Identity(
            certificate: certificate, key: key, authority: certificates.server.authority)
    }

    private func run(_ arguments: [String]) throws {
        let finished = try RunningProgram(
            Spawn(
                path: "/usr/bin/openssl", arguments: arguments, workingDirectory: directory)
        ).finish()
        guard finished.code == 0 else { throw EndToEndFailure("\(finished)") }
    }

    private var authorityConfiguration: String {
        """
        [ca]
        default_ca = authority
        [authority]
        database = \(directory)/index.txt
        new_certs_dir = \(directory)
        default_md = sha256
        rand_serial = yes
        policy = anything
        x509_extensions = client
        [anything]
        commonName = supplied
        [client]
        extendedKeyUsage = clientAuth
        """
    }
}
