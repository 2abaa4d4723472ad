import COpenSSL
import Reactor
import Testing

@testable import Transport

/// Files of certificates and keys: written once, kept secret, and read with good words for
/// everything that can be wrong with them.
struct CredentialFileTests {
    private let directory: TemporaryDirectory
    private let authorities: TestAuthorities
    private let kernel = LinuxKernel()

    init() throws {
        directory = try TemporaryDirectory()
        authorities = try TestAuthorities()
    }

    private var caFile: String { directory.file("ca.pem") }
    private var certificateFile: String { directory.file("client.pem") }
    private var keyFile: String { directory.file("client.key") }

    private func writeAll(_ credential: Credential? = nil, keyMode: UInt32 = 0o600) throws {
        let credential = try credential ?? authorities.client()
        try directory.write(authorities.serverCA.certificate.pem, to: "ca.pem", mode: 0o644)
        try directory.write(credential.certificate.pem, to: "client.pem", mode: 0o644)
        try directory.write(credential.key.pem, to: "client.key", mode: keyMode)
    }

    private func loadClient() throws(TLSConfigurationError) -> TLSContext {
        try .client(
            caFile: caFile, certificateFile: certificateFile, keyFile: keyFile, kernel: kernel)
    }

    private func loadServer() throws(TLSConfigurationError) -> TLSContext {
        try .server(
            certificateFile: certificateFile, keyFile: keyFile, clientCAFile: caFile,
            kernel: kernel)
    }

    private func file(_ path: String, _ problem: PEMFileError.Problem) -> TLSConfigurationError {
        .file(PEMFileError(path: path, problem: problem))
    }

    @Test func `what is written can be read again`() throws {
        let credential = try authorities.client()
        try credential.write(
            certificateFile: certificateFile, keyFile: keyFile, kernel: kernel)
        #expect(try kernel.status(at: keyFile).mode & 0o777 == 0o600)
        try directory.write(authorities.serverCA.certificate.pem, to: "ca.pem")
        let context = try loadClient()
        #expect(context.certificateNotAfter == credential.certificate.notAfter)
        let described = try CertificateDescription.inspect(certificateFile, kernel: kernel)
        #expect(described == [CertificateDescription(credential.certificate)])
    }

    @Test func `a CA that was written can issue again`() throws {
        try authorities.clientCA.credential.write(
            certificateFile: caFile, keyFile: keyFile, kernel: kernel)
        let loaded = try CertificateAuthority.load(
            certificateFile: caFile, keyFile: keyFile, kernel: kernel)
        let client = try loaded.issueClient(commonName: "a", days: 1, now: authorities.now)
        let pair = try TLSPair(
            server: authorities.serverContext(), client: authorities.clientContext(client))
        pair.run()
        #expect(pair.server.isEstablished)
    }

    @Test func `a CA with a foreign key is refused`() throws {
        let files = (certificate: caFile, key: keyFile)
        try directory.write(authorities.clientCA.certificate.pem, to: "ca.pem")
        try directory.write(authorities.serverCA.credential.key.pem, to: "client.key")
        #expect(
            throws: PKIError.keyMismatch(certificateFile: files.certificate, keyFile: files.key)
        ) {
            try CertificateAuthority.load(
                certificateFile: files.certificate, keyFile: files.key, kernel: kernel)
        }
    }

    @Test func `nothing is overwritten, and no half is left`() throws {
        let credential = try authorities.client()
        try directory.write([1], to: "client.pem")
        #expect(
            throws: PKIError.file(PEMFileError(path: certificateFile, problem: .exists))
        ) {
            try credential.write(
                certificateFile: certificateFile, keyFile: keyFile, kernel: kernel)
        }
        #expect(try kernel.list(directory.path) == ["client.pem"])
        try directory.write([2], to: "client.key")
        #expect(throws: PKIError.file(PEMFileError(path: keyFile, problem: .exists))) {
            try credential.write(
                certificateFile: certificateFile, keyFile: keyFile, kernel: kernel)
        }
        #expect(try kernel.contents(of: keyFile, sizeMax: 10) == [2])
    }

    @Test func `a missing file is named`() throws {
        try writeAll()
        // Each is looked for before the one after it.
        for path in [caFile, keyFile, certificateFile] {
            try kernel.removeFile(path)
            #expect(throws: file(path, .missing)) { try loadClient() }
        }
    }

    @Test func `a file without a certificate is named`() throws {
        try writeAll()
        try kernel.removeFile(caFile)
        try directory.write(Array("not a certificate\n".utf8), to: "ca.pem")
        #expect(throws: file(caFile, .notCertificate)) { try loadClient() }
    }

    @Test func `a damaged certificate among good ones is not passed over`() throws {
        try writeAll()
        try kernel.removeFile(caFile)
        let good = authorities.serverCA.certificate.pem
        var damaged = good
        damaged[damaged.count / 2] = UInt8(ascii: "!")
        try directory.write(good + damaged + good, to: "ca.pem")
        #expect(throws: file(caFile, .notCertificate)) { try loadClient() }
    }

    @Test func `a key file without a key is named`() throws {
        try writeAll()
        try kernel.removeFile(keyFile)
        try directory.write(authorities.serverCA.certificate.pem, to: "client.key")
        #expect(throws: file(keyFile, .notKey)) { try loadClient() }
    }

    @Test func `a directory is no certificate`() throws {
        #expect(throws: file("/tmp", .notRegular)) {
            try TLSContext.client(
                caFile: "/tmp", certificateFile: "/tmp", keyFile: "/tmp", kernel: kernel)
        }
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660] as [UInt32])
    func `a key that others may read is refused to a client`(mode: UInt32) throws {
        try writeAll(keyMode: mode)
        // The mode of creation is subject to the umask; what counts is what came out.
        let actual = try kernel.status(at: keyFile).mode & 0o777
        try #require(actual & 0o077 != 0)
        #expect(throws: file(keyFile, .exposedKey(mode: actual))) { try loadClient() }
    }

    @Test func `a server's key may be its group's but not everybody's`() throws {
        try writeAll(authorities.server(), keyMode: 0o640)
        _ = try loadServer()
        try kernel.removeFile(keyFile)
        let credential = try authorities.server()
        try directory.write(credential.key.pem, to: "client.key", mode: 0o604)
        let actual = try kernel.status(at: keyFile).mode & 0o777
        try #require(actual & 0o007 != 0)
        #expect(throws: file(keyFile, .exposedKey(mode: actual))) { try loadServer() }
    }

    @Test func `a key with a passphrase is refused without asking`() throws {
        try writeAll()
        try kernel.removeFile(keyFile)
        let key = try authorities.client().key
        try directory.write(encrypted(key, passphrase: "secret"), to: "client.key")
        #expect(throws: file(keyFile, .encryptedKey)) { try loadClient() }
    }

    @Test func `a key may follow the parameters of its curve`() throws {
        // As `openssl ecparam -genkey` writes it; this is P-256's object identifier.
        let parameters = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----

            """
        let credential = try authorities.client()
        try writeAll(credential)
        try kernel.removeFile(keyFile)
        try directory.write(Array(parameters.utf8) + credential.key.pem, to: "client.key")
        _ = try loadClient()
    }

    @Test func `a key of another certificate is refused`() throws {
        try writeAll()
        try kernel.removeFile(keyFile)
        try directory.write(authorities.client().key.pem, to: "client.key")
        #expect(
            throws: TLSConfigurationError.keyMismatch(
                certificateFile: certificateFile, keyFile: keyFile)
        ) { try loadClient() }
    }

    @Test func `an expired certificate is refused at the start`() throws {
        let expired = try authorities.odd(
            .client, from: -3, to: -1, signedBy: authorities.clientCA)
        try writeAll(expired)
        let error = TLSConfigurationError.expired(
            certificateFile: certificateFile, notAfter: expired.certificate.notAfter)
        #expect(throws: error) { try loadClient() }
        #expect(throws: error) { try loadServer() }
    }

    @Test func `a chain in the file is sent along`() throws {
        let intermediate = try authorities.clientCA.issue(
            CertificateProfile(
                subject: [.commonName(Array("intermediate".utf8))], usage: .client,
                notBefore: authorities.now, notAfter: authorities.now))
        let credential = try authorities.client()
        try writeAll(credential)
        try kernel.removeFile(certificateFile)
        try directory.write(
            credential.certificate.pem + intermediate.certificate.pem, to: "client.pem")
        let pair = try TLSPair(server: authorities.serverContext(), client: loadClient())
        pair.run()
        #expect(pair.server.channel.peer?.der == credential.certificate.der)
    }

    @Test func `a date is told as a date`() {
        let error = TLSConfigurationError.expired(
            certificateFile: "F", notAfter: Timestamp(nanoseconds: 1_774_310_400_000_000_000))
        #expect(error.description.contains("2026-03-24"))
    }

    @Test(arguments: [
        PEMFileError.Problem.missing, .unreadable(.accessDenied), .unwritable(.noSpace), .exists,
        .notRegular, .notCertificate, .notKey, .encryptedKey, .exposedKey(mode: 0o644),
    ])
    func `every problem names its file`(problem: PEMFileError.Problem) {
        let error = PEMFileError(path: "/etc/cmdctl/key", problem: problem)
        #expect(error.description.contains("/etc/cmdctl/key"))
    }

    private func encrypted(_ key: PrivateKey, passphrase: String) -> [UInt8] {
        let text = MemoryBIO()
        let written = passphrase.withCString {
            PEM_write_bio_PKCS8PrivateKey(
                text.pointer, key.key, EVP_aes_128_cbc(), $0, Int32(passphrase.utf8.count), nil, nil
            )
        }
        precondition(written == 1)
        return text.bytes
    }
}
