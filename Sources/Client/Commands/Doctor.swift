import ArgumentParser
import JobsAPI
import Reactor

/// `cmdctl doctor`: looks at all that has to be right, and says what to do where it is not.
struct Doctor: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this host, your certificate and the connection to the server.",
        usage: "cmdctl doctor [options]",
        discussion: """
            EXAMPLES:
              cmdctl doctor
              cmdctl doctor -o json | jq '.findings[] | select(.level != "ok")'

            Exits with 1 if there is a problem. Warnings are not problems yet.
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let kernel = session.kernel
        var findings = HostCheck(kernel: kernel).findings
        do throws(Failure) {
            let settings = try session.settings(with: globals)
            findings += CredentialCheck(settings: settings, kernel: kernel).findings
            findings += try connection(with: settings, in: session)
        } catch .interrupted {
            throw .interrupted
        } catch {
            findings.append(
                Finding(.problem, "connection", error.sentence, advice: error.remedy))
        }
        try session.print(try Finding.text(of: findings, as: globals.output ?? .table))
        return findings.contains { $0.level == .problem } ? .someFailed : .success
    }

    private func connection(
        with settings: ConnectionSettings, in session: Session
    ) throws(Failure) -> [Finding] {
        let info = try session.connect(with: settings).answer(to: .getServerInfo, .init())
        return ServerCheck(settings: settings, info: info, now: session.wallClockNow).findings
    }
}
