import Testing

/// Who gets a connection at all.
///
/// Another implementation knocks, in every wrong way, and must be shown the alert for it and not one
/// byte of HTTP/2; cmdctl must say the same in a sentence.
@Suite(.timeLimit(.minutes(10)))
struct TLSTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    /// A wrong way to come, and the alert for it: RFC 8446, section 6.
    enum Visitor: String, CaseIterable, Sendable {
        case withoutCertificate, ofAnotherAuthority, expired, asServer, withTLS12

        var alert: Int {
            switch self {
            case .withoutCertificate: 116  // certificate_required
            case .ofAnotherAuthority: 48  // unknown_ca
            case .expired: 45  // certificate_expired
            case .asServer: 43  // unsupported_certificate
            case .withTLS12: 70  // protocol_version
            }
        }
    }

    @Test(arguments: Visitor.allCases)
    func `who comes the wrong way is refused with an alert`(_ visitor: Visitor) throws {
        let finished = try OpenSSL.connect(to: daemon.address, try flags(for: visitor))
        #expect(finished.errorText.contains("SSL alert number \(visitor.alert)"), "\(finished)")
        #expect(!containsSettings(finished.output), "\(finished)")
    }

    @Test func `who comes the right way is spoken to`() throws {
        // s_client would stay, as the server does; one look at what it prints is enough.
        let flags = opensslFlags(daemon.alice)
        let client = try RunningProgram(
            Spawn(
                path: "/usr/bin/openssl",
                arguments: ["s_client", "-connect", daemon.address, "-alpn", "h2", "-ign_eof"]
                    + flags))
        var seen: [String] = []
        while let line = try client.nextLine() {
            seen.append(line)
            if line.contains("Verify return code") { break }
        }
        #expect(seen.contains { $0.contains("TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384") })
        #expect(seen.contains { $0.contains("ALPN protocol: h2") })
        #expect(seen.contains { $0.contains("Verify return code: 0 (ok)") })
    }

    @Test(arguments: [
        (Visitor.ofAnotherAuthority, "unknown ca"), (.expired, "expired"),
        (.asServer, "unsupported certificate"),
    ])
    func `cmdctl says why it was refused`(_ visitor: Visitor, hint: String) throws {
        let finished = try daemon.cmdctl("list", as: try identity(for: visitor))
        #expect(finished.code == 125, "\(finished)")
        #expect(finished.errorText.lowercased().contains(hint), "\(finished)")
    }

    @Test func `cmdctl refuses a server of another authority`() throws {
        let other = try Certificates(in: daemon.directory.path("other"))
        let finished = try daemon.cmdctl(
            "list",
            as: Identity(
                certificate: daemon.alice.certificate, key: daemon.alice.key,
                authority: other.server.authority))
        #expect(finished.code == 125, "\(finished)")
        #expect(finished.errorText.contains("--cacert"), "\(finished)")
    }

    @Test func `cmdctl refuses a server by another name`() throws {
        // The certificate names localhost and 127.0.0.1; 127.0.0.2 reaches the same host.
        let other = try Certificates(in: daemon.directory.path("names"))
        let program = try RunningProgram(
            Spawn(
                path: Programs.cmdctld,
                arguments: [
                    "--state-dir", daemon.directory.path("named"), "--listen", "127.0.0.2:0",
                ]
                    + Daemon.securityFlags(other)))
        var address: String?
        while address == nil, let line = try program.nextErrorLine() {
            address = line.firstMatch(of: #/^listening on (.*)$/#).map { String($0.output.1) }
        }
        let client = try other.issue("alice")
        let finished = try RunningProgram(
            Spawn(
                path: Programs.cmdctl,
                arguments: ["--server", try #require(address)] + client.flags + ["list"])
        ).finish()
        #expect(finished.code == 125, "\(finished)")
        #expect(finished.errorText.contains("127.0.0.2"), "\(finished)")
    }

    private func flags(for visitor: Visitor) throws -> [String] {
        switch visitor {
        case .withoutCertificate:
            ["-CAfile", daemon.alice.authority]
        case .withTLS12:
            opensslFlags(daemon.alice) + ["-tls1_2"]
        case .ofAnotherAuthority, .expired, .asServer:
            opensslFlags(try identity(for: visitor))
        }
    }

    private func identity(for visitor: Visitor) throws -> Identity {
        switch visitor {
        case .ofAnotherAuthority:
            let stranger = try Certificates(in: daemon.directory.path("other")).issue("alice")
            return Identity(
                certificate: stranger.certificate, key: stranger.key,
                authority: daemon.alice.authority)
        case .expired:
            return try OpenSSL(directory: daemon.directory.path)
                .issueExpired("late", by: daemon.certificates)
        case .asServer:
            // Signed by the authority of clients, but for a server's use.
            return try daemon.certificates.issueServerByClientAuthority()
        case .withoutCertificate, .withTLS12:
            return daemon.alice
        }
    }

    private func opensslFlags(_ identity: Identity) -> [String] {
        ["-CAfile", identity.authority, "-cert", identity.certificate, "-key", identity.key]
    }

    /// A SETTINGS frame opens every HTTP/2 connection: type 4, flags 0, stream 0.
    private func containsSettings(_ bytes: [UInt8]) -> Bool {
        let header: [UInt8] = [4, 0, 0, 0, 0, 0]
        return bytes.indices.contains { bytes[$0...].starts(with: header) }
    }
}
