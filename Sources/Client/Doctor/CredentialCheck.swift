import Reactor
import Transport

/// Whether our certificate, our key and the authority are fit to be used.
struct CredentialCheck {
    let settings: ConnectionSettings
    let kernel: any Kernel

    var findings: [Finding] {
        [
            certificate(settings.authority, "authority", use: "authority") { $0.isAuthority },
            certificate(settings.certificate, "certificate", use: "client") { $0.isForClients },
            key,
        ]
    }

    private func certificate(
        _ path: String, _ subject: String, use: String,
        isFit: (CertificateDescription) -> Bool
    ) -> Finding {
        let found: [CertificateDescription]
        do {
            found = try CertificateDescription.inspect(path, kernel: kernel)
        } catch {
            return Finding(.problem, subject, error.description, advice: "")
        }
        guard let certificate = found.first, isFit(certificate) else {
            return Finding(
                .problem, subject, "\(path) is no certificate for a \(use)",
                advice: "Name another file; `cmdctl pki inspect \(path)` shows what it is.")
        }
        return Self.validity(
            from: certificate.notBefore, until: certificate.notAfter, of: subject, in: path,
            at: kernel.wallClockNow)
    }

    /// Thirty days are time enough to ask for a new one.
    static func validity(
        from notBefore: Timestamp, until notAfter: Timestamp, of subject: String, in place: String,
        at now: Timestamp
    ) -> Finding {
        let end = notAfter.rfc3339Seconds
        if notBefore > now {
            return Finding(
                .problem, subject, "\(place) is valid only from \(notBefore.rfc3339Seconds) on",
                advice: "Set the clock, which says \(now.rfc3339Seconds), or wait.")
        }
        if notAfter <= now {
            return Finding(
                .problem, subject, "\(place) has expired on \(end)",
                advice: "Get a new one: `cmdctl pki issue` makes them.")
        }
        if notAfter < now.advanced(by: .seconds(30 * 86_400)) {
            return Finding(
                .warning, subject, "\(place) will expire on \(end)",
                advice: "Get a new one before that: `cmdctl pki issue` makes them.")
        }
        return Finding(.ok, subject, "\(place) is valid until \(end)")
    }

    private var key: Finding {
        do {
            let mode = try kernel.status(at: settings.key).mode & 0o777
            guard mode & 0o077 == 0 else {
                return Finding(
                    .problem, "key",
                    "\(settings.key) can be read by others (mode \(String(mode, radix: 8)))",
                    advice: "chmod 600 \(settings.key)")
            }
            return Finding(.ok, "key", "\(settings.key) is yours alone")
        } catch {
            return Finding(
                .problem, "key", "\(settings.key) cannot be looked at: \(error)",
                advice: "Name another file with --key.")
        }
    }
}
