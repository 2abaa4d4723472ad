import ArgumentParser
import Transport

/// `cmdctl pki inspect`: what certificates say.
struct PKIInspect: Verb {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what the certificates in files say.",
        usage: "cmdctl pki inspect [options] <file> ...",
        discussion: """
            EXAMPLES:
              cmdctl pki inspect certs/server.pem
              cmdctl pki inspect -o json certs/*.pem
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: ArgumentHelp("PEM files; each may hold several.", valueName: "file"))
    var files: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        var texts: [CertificateText] = []
        for file in files {
            do throws(PKIError) {
                let found = try CertificateDescription.inspect(file, kernel: session.kernel)
                texts += found.map { CertificateText(file: file, certificate: $0) }
            } catch {
                throw Failure(error)
            }
        }
        let format = globals.output ?? .table
        try session.print(
            try CertificateText.text(of: texts, as: format, now: session.wallClockNow))
        return .success
    }
}
