import Reactor
import Transport

/// What one certificate says, for people and for programs.
struct CertificateText {
    let file: String
    let certificate: CertificateDescription

    /// Several, in one form.
    static func text(
        of certificates: [CertificateText], as format: OutputFormat, now: Timestamp
    ) throws(Failure) -> String {
        switch format {
        case .table, .wide:
            certificates.map { $0.table(isWide: format == .wide, now: now) }.joined(separator: "\n")
        case .name:
            certificates.map { $0.certificate.commonNames.joined(separator: ",").printable + "\n" }
                .joined()
        case .json: JSONText.indented(json(of: certificates)) + "\n"
        case .yaml: try YAMLText.of(json: json(of: certificates))
        }
    }

    private static func json(of certificates: [CertificateText]) -> String {
        "{\"certificates\":[\(certificates.map(\.json).joined(separator: ","))]}"
    }

    private func table(isWide: Bool, now: Timestamp) -> String {
        var table = TextTable()
        for (label, value) in facts(now: now) + (isWide ? moreFacts : []) where !value.isEmpty {
            table.append(["\(label):", value])
        }
        return table.text
    }

    private func facts(now: Timestamp) -> [(String, String)] {
        let problem =
            certificate.notAfter <= now
            ? " (expired)" : certificate.notBefore > now ? " (not yet valid)" : ""
        return [
            ("File", file),
            ("Name", certificate.commonNames.joined(separator: ", ")),
            ("Role", certificate.organizations.joined(separator: ", ")),
            ("Issued by", certificate.issuerCommonNames.joined(separator: ", ")),
            ("For", uses.joined(separator: ", ")),
            ("Hosts", certificate.hosts.map(\.description).joined(separator: ", ")),
            ("Valid from", certificate.notBefore.rfc3339Seconds),
            ("Valid until", certificate.notAfter.rfc3339Seconds + problem),
            ("Key", certificate.key),
        ]
    }

    private var moreFacts: [(String, String)] {
        [
            ("Serial", certificate.serial),
            ("Fingerprint", certificate.fingerprint),
            ("Key fingerprint", certificate.publicKeyFingerprint),
        ]
    }

    private var uses: [String] {
        [
            certificate.isAuthority ? "authority" : nil, certificate.isForServers ? "server" : nil,
            certificate.isForClients ? "client" : nil,
        ].compactMap(\.self)
    }

    private var json: String {
        let texts = [
            ("file", file), ("key", certificate.key), ("serial", certificate.serial),
            ("notBefore", certificate.notBefore.rfc3339Seconds),
            ("notAfter", certificate.notAfter.rfc3339Seconds),
            ("fingerprint", certificate.fingerprint),
            ("publicKeyFingerprint", certificate.publicKeyFingerprint),
        ].map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
        let lists = [
            ("commonNames", certificate.commonNames), ("organizations", certificate.organizations),
            ("issuerCommonNames", certificate.issuerCommonNames), ("uses", uses),
            ("hosts", certificate.hosts.map(\.description)),
        ].map { name, texts in
            "\(JSONText.quoted(name)):[\(texts.map(JSONText.quoted).joined(separator: ","))]"
        }
        return "{\((texts + lists).joined(separator: ","))}"
    }
}
