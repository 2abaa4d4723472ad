import Foundation
import Testing

/// Certificates and keys that will not do, for the client and for the server.
@Suite(.timeLimit(.minutes(10)))
struct BadCredentialsTests {
    let directory: TemporaryDirectory
    let certificates: Certificates
    let alice: Identity

    init() throws {
        directory = try TemporaryDirectory()
        certificates = try Certificates(in: directory.path("pki"))
        alice = try certificates.issue("alice")
    }

    enum Fault: String, CaseIterable, Sendable {
        case missingFile, notPEM, keyOfAnother, readableKey, expired

        /// Parts the sentence must have.
        var says: [String] {
            switch self {
            case .missingFile: ["absent.pem", "does not exist"]
            case .notPEM: ["text.pem", "pem"]
            case .keyOfAnother: ["alice.pem", "bob.key", "belong"]
            case .readableKey: ["alice.key", "chmod 600"]
            case .expired: ["late.pem", "expired"]
            }
        }
    }

    @Test(arguments: Fault.allCases)
    func `cmdctl names the file and what to do`(_ fault: Fault) throws {
        let identity = try spoil(alice, with: fault)
        let finished = try RunningProgram(
            Spawn(
                path: Programs.cmdctl,
                arguments: ["--server", "127.0.0.1:1"] + identity.flags + ["list"])
        ).finish()
        #expect(finished.code == 125, "\(finished)")
        for part in fault.says {
            #expect(finished.errorText.lowercased().contains(part.lowercased()), "\(finished)")
        }
    }

    @Test(arguments: Fault.allCases)
    func `cmdctld names the file and does not start`(_ fault: Fault) throws {
        let identity = try spoil(alice, with: fault)
        let finished = try RunningProgram(
            Spawn(
                path: Programs.cmdctld,
                arguments: [
                    "--state-dir", directory.path("state"), "--listen", "127.0.0.1:0",
                    "--cert", identity.certificate, "--key", identity.key,
                    "--client-ca", certificates.clientAuthority,
                ])
        ).finish()
        #expect(finished.code != 0, "\(finished)")
        for part in fault.says {
            #expect(finished.errorText.lowercased().contains(part.lowercased()), "\(finished)")
        }
    }

    @Test func `pki keeps keys to their owner and overwrites nothing`() throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: alice.key)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let before = FileManager.default.contents(atPath: alice.key)
        #expect(throws: EndToEndFailure.self) { try certificates.issue("alice") }
        #expect(throws: EndToEndFailure.self) { try Certificates(in: directory.path("pki")) }
        #expect(FileManager.default.contents(atPath: alice.key) == before)
    }

    private func spoil(_ identity: Identity, with fault: Fault) throws -> Identity {
        var certificate = identity.certificate
        var key = identity.key
        switch fault {
        case .missingFile:
            certificate = directory.path("absent.pem")
        case .notPEM:
            certificate = try directory.write("not a certificate", to: "text.pem")
        case .keyOfAnother:
            key = try certificates.issue("bob").key
        case .readableKey:
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        case .expired:
            return try OpenSSL(directory: directory.path).issueExpired("late", by: certificates)
        }
        return Identity(certificate: certificate, key: key, authority: identity.authority)
    }
}
