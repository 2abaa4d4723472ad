package import Reactor

extension TLSContext {
    /// Sets up the server from PEM files; the certificate's file may go on with its chain.
    ///
    /// Only the CAs of `clientCAFile` are trusted, not the system's.
    package static func server(
        certificateFile: String, keyFile: String, clientCAFile: String, kernel: any Kernel
    ) throws(TLSConfigurationError) -> TLSContext {
        let identity = try readIdentity(certificateFile, keyFile, .ownerAndGroup, kernel)
        return try TLSContext(
            role: .server, credential: identity.credential, intermediates: identity.intermediates,
            authorities: try readAuthorities(clientCAFile, kernel))
    }

    /// Sets up a client from PEM files; the certificate's file may go on with its chain.
    ///
    /// Only the CAs of `caFile` are trusted, not the system's.
    package static func client(
        caFile: String, certificateFile: String, keyFile: String, kernel: any Kernel
    ) throws(TLSConfigurationError) -> TLSContext {
        let identity = try readIdentity(certificateFile, keyFile, .ownerOnly, kernel)
        return try TLSContext(
            role: .client, credential: identity.credential, intermediates: identity.intermediates,
            authorities: try readAuthorities(caFile, kernel))
    }

    /// Sets up a server from what is in memory already.
    package static func server(
        credential: Credential, authorities: [Certificate],
        cipherSuites: String = TLSContext.cipherSuites
    ) throws(TLSConfigurationError) -> TLSContext {
        try TLSContext(
            role: .server, credential: credential, authorities: authorities,
            cipherSuites: cipherSuites)
    }

    /// Sets up a client from what is in memory already; without a credential it will be refused.
    package static func client(
        credential: Credential?, authorities: [Certificate],
        cipherSuites: String = TLSContext.cipherSuites
    ) throws(TLSConfigurationError) -> TLSContext {
        try TLSContext(
            role: .client, credential: credential, authorities: authorities,
            cipherSuites: cipherSuites)
    }

    private struct Identity {
        let credential: Credential
        let intermediates: [Certificate]
    }

    private static func readIdentity(
        _ certificateFile: String, _ keyFile: String, _ secrecy: PEMFile.Secrecy,
        _ kernel: any Kernel
    ) throws(TLSConfigurationError) -> Identity {
        let chain = try readFile { () throws(PEMFileError) in
            try PEMFile.certificates(at: certificateFile, kernel: kernel)
        }
        let key = try readFile { () throws(PEMFileError) in
            try PEMFile.privateKey(at: keyFile, secrecy: secrecy, kernel: kernel)
        }
        guard let own = chain.first, own.matches(key) else {
            throw .keyMismatch(certificateFile: certificateFile, keyFile: keyFile)
        }
        guard own.notAfter > kernel.wallClockNow else {
            throw .expired(certificateFile: certificateFile, notAfter: own.notAfter)
        }
        return Identity(
            credential: Credential(certificate: own, key: key),
            intermediates: Array(chain.dropFirst()))
    }

    private static func readAuthorities(
        _ path: String, _ kernel: any Kernel
    ) throws(TLSConfigurationError) -> [Certificate] {
        try readFile { () throws(PEMFileError) in
            try PEMFile.certificates(at: path, kernel: kernel)
        }
    }

    private static func readFile<Content>(
        _ read: () throws(PEMFileError) -> Content
    ) throws(TLSConfigurationError) -> Content {
        do {
            return try read()
        } catch {
            throw .file(error)
        }
    }
}
