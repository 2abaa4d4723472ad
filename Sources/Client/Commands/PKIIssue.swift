import ArgumentParser
import Transport

/// `cmdctl pki issue`: a certificate for a server or a client.
struct PKIIssue: PreparsedCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a certificate with a new key.",
        usage: "cmdctl pki issue --dir <directory> server --host <host> ...\n"
            + "cmdctl pki issue --dir <directory> client <name> [--role admin|user]",
        discussion: """
            EXAMPLES:
              cmdctl pki issue --dir certs server --host localhost --host 127.0.0.1
              cmdctl pki issue --dir certs client alice --role admin
            """,
        subcommands: [Server.self, Client.self])

    static let optionsWithValue: Set<String> = ["--dir", "--days", "--key-type"]

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
    @OptionGroup var options: IssueOptions
}

/// Where to issue, and how.
struct IssueOptions: ParsableArguments {
    // Not required by the parser: it would miss it before it saw the --help of a subcommand.
    @Option(help: ArgumentHelp("The directory `pki init` made.", valueName: "directory"))
    var dir: String?

    @Option(help: ArgumentHelp("How long the certificate is valid.", valueName: "days"))
    var days = 90

    @OptionGroup var key: KeyOptions

    func directory() throws(Failure) -> PKIDirectory {
        guard let dir else {
            throw .usage(
                "no directory is named",
                remedy: "Give --dir DIRECTORY, the one that `cmdctl pki init` made.")
        }
        return PKIDirectory(path: dir)
    }

    /// Issues with one of the authorities of the directory and writes what came of it.
    func issue(
        by authority: CertificateFiles, to files: CertificateFiles, in session: Session,
        _ make: (CertificateAuthority) throws(PKIError) -> Credential
    ) throws(Failure) {
        do throws(PKIError) {
            let authority = try CertificateAuthority.load(
                certificateFile: authority.certificate, keyFile: authority.key,
                kernel: session.kernel)
            try make(authority).write(
                certificateFile: files.certificate, keyFile: files.key, kernel: session.kernel)
        } catch .file(let error) where error.problem == .missing {
            throw .local(
                error.description,
                remedy: "`cmdctl pki init \(try directory().path)` makes the authorities.")
        } catch {
            throw Failure(error)
        }
        try session.print("\(files.certificate)\n\(files.key)\n")
    }
}

extension PKIIssue {
    /// `cmdctl pki issue server`.
    struct Server: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Issue a server's certificate, for the names clients connect to.",
            usage: "cmdctl pki issue --dir <directory> server --host <host> ...",
            discussion: """
                EXAMPLES:
                  cmdctl pki issue --dir certs server --host localhost --host 127.0.0.1
                """)

        @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
        @OptionGroup var options: IssueOptions

        @Option(
            help: ArgumentHelp(
                "A DNS name or IP address of the server. Repeatable.", valueName: "host"))
        var host: [String] = []

        func validate() throws {
            if host.isEmpty {
                throw ValidationError(
                    "The certificate is for no host. Give --host for each name or address that "
                        + "clients connect to.")
            }
        }

        func perform(in session: Session) throws(Failure) -> ExitStatus {
            let directory = try options.directory()
            try options.issue(by: directory.serverAuthority, to: directory.server, in: session) {
                authority throws(PKIError) in
                try authority.issueServer(
                    hosts: host, key: options.key.keyType, days: options.days,
                    now: session.wallClockNow)
            }
            if case .rsa = options.key.keyType {
                // Measured: 4.4 ms of the server's one thread with RSA-4096, 0.02 with P-256.
                session.say("an RSA key makes each handshake many times slower than p256 does")
            }
            return .success
        }
    }

    /// `cmdctl pki issue client`.
    struct Client: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Issue a client's certificate; its name is the tenant.",
            usage: "cmdctl pki issue --dir <directory> client <name> [--role admin|user]",
            discussion: """
                EXAMPLES:
                  cmdctl pki issue --dir certs client alice
                  cmdctl pki issue --dir certs client operator --role admin
                """)

        @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
        @OptionGroup var options: IssueOptions

        @Option(help: "An admin sees everybody's jobs; a user only its own.")
        var role: ClientRole = .user

        @Option(
            help: ArgumentHelp(
                "User of the server's host that jobs may run as, where its policy agrees. Repeatable.",
                valueName: "user"))
        var principal: [String] = []

        @Argument(help: ArgumentHelp("Who the certificate is for.", valueName: "name"))
        var name: String

        func perform(in session: Session) throws(Failure) -> ExitStatus {
            let directory = try options.directory()
            let files = try directory.client(name)
            try options.issue(by: directory.clientAuthority, to: files, in: session) {
                authority throws(PKIError) in
                try authority.issueClient(
                    commonName: name, role: role.rawValue, principals: principal,
                    key: options.key.keyType,
                    days: options.days, now: session.wallClockNow)
            }
            return .success
        }
    }

    /// The roles a certificate can give.
    enum ClientRole: String, CaseIterable, ExpressibleByArgument {
        case admin, user
    }
}
