import ArgumentParser
import Transport

/// `cmdctl pki`: authorities and certificates, for those who have none yet.
struct PKI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pki",
        abstract: "Make authorities and certificates, and look at them.",
        usage: "cmdctl pki <command>",
        discussion: """
            EXAMPLES:
              cmdctl pki init certs
              cmdctl pki issue --dir certs server --host localhost --host 127.0.0.1
              cmdctl pki issue --dir certs client alice --role admin
              cmdctl pki inspect certs/alice.pem

            Servers and clients get authorities of their own: a client's certificate can then never \
            act as a server's. Keys are for their owner only, and no file is ever overwritten.
            """,
        subcommands: [PKIInit.self, PKIIssue.self, PKIInspect.self])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
}

/// What every command that makes a key is told about it.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("p256, p384, ed25519, rsa, or rsa-<bits>.", valueName: "type"),
        transform: KeyOptions.kind)
    var keyType = KeyKind.p256

    private static func kind(_ text: String) throws(UsageProblem) -> KeyKind {
        guard let kind = KeyKind(text) else {
            throw UsageProblem("Choose p256, p384, ed25519, rsa, or rsa-2048 to rsa-8192.")
        }
        return kind
    }
}

/// The files of a directory that `pki init` made; packages and scripts rely on these names.
struct PKIDirectory {
    let path: String

    var serverAuthority: CertificateFiles { files("server-ca") }
    var clientAuthority: CertificateFiles { files("client-ca") }
    var server: CertificateFiles { files("server") }

    /// The files of a client, whose name must not lead elsewhere or be taken for the server's.
    func client(_ name: String) throws(Failure) -> CertificateFiles {
        let isReserved = ["server", "server-ca", "client-ca"].contains(name)
        guard !name.contains("/"), !name.hasPrefix("."), !isReserved, !name.isEmpty else {
            throw .usage(
                "a client called '\(name)' has no place for its files: it would be "
                    + (isReserved ? "taken for another certificate" : "outside of \(path)"),
                remedy: "Use a name without slashes that does not begin with a dot.")
        }
        return files(name)
    }

    private func files(_ name: String) -> CertificateFiles {
        CertificateFiles(certificate: "\(path)/\(name).pem", key: "\(path)/\(name).key")
    }
}

/// A certificate and its key, as files.
struct CertificateFiles: Equatable {
    let certificate: String
    let key: String
}

extension Failure {
    /// Why certificates could not be made or read.
    init(_ error: PKIError) {
        self = .local(error.description)
    }
}
