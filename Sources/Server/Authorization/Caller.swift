import Jobs
import Transport

/// Who calls, and over what.
struct Caller {
    let identity: ClientIdentity
    let security: SecurityInfo?

    /// What the jobs room needs to know of the caller.
    var viewer: Viewer { identity.viewer }

    /// Reads the certificate of a connection, once its handshake is over.
    static func identify(
        _ certificate: PeerCertificate?, over security: SecurityInfo?
    ) -> Result<Caller, IdentityRefusal> {
        guard let certificate else { return .failure(.noCertificate) }
        return Result { () throws(IdentityRefusal) in
            Caller(identity: try ClientIdentity(certificate), security: security)
        }
    }
}
