import ArgumentParser
import Reactor
import Transport

/// `cmdctl pki init`: the two authorities.
struct PKIInit: Verb {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an authority for servers and one for clients.",
        usage: "cmdctl pki init [options] <directory>",
        discussion: """
            EXAMPLES:
              cmdctl pki init certs
              cmdctl pki init --key-type rsa-4096 --days 7300 certs

            Writes server-ca.pem and client-ca.pem, and their keys beside them. Prints the names of \
            the files.
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
    @OptionGroup var key: KeyOptions

    @Option(help: ArgumentHelp("How long the authorities are valid.", valueName: "days"))
    var days = 3650

    @Argument(help: ArgumentHelp("Where to; made if it is not there.", valueName: "directory"))
    var directory: String

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let place = PKIDirectory(path: directory)
        try makeDirectory(session.kernel)
        let files = [place.serverAuthority, place.clientAuthority]
        for path in files.flatMap({ [$0.certificate, $0.key] })
        where (try? session.kernel.status(at: path)) != nil {
            throw .local(
                "\(path) is there already",
                remedy: "Certificates it has issued would be worth nothing with a new one: name "
                    + "another directory.")
        }
        for (files, name) in zip(files, ["cmdctl server authority", "cmdctl client authority"]) {
            try write(files, name: name, in: session)
        }
        return .success
    }

    private func makeDirectory(_ kernel: any Kernel) throws(Failure) {
        do throws(Errno) {
            try kernel.makeDirectory(directory, mode: 0o755)
        } catch .exists {
            return
        } catch {
            throw .local("cannot make the directory \(directory): \(error)")
        }
    }

    private func write(
        _ files: CertificateFiles, name: String, in session: Session
    ) throws(Failure) {
        do throws(PKIError) {
            let authority = try CertificateAuthority.create(
                commonName: name, key: key.keyType, days: days, now: session.wallClockNow)
            try authority.credential.write(
                certificateFile: files.certificate, keyFile: files.key, kernel: session.kernel)
        } catch {
            throw Failure(error)
        }
        try session.print("\(files.certificate)\n\(files.key)\n")
    }
}
