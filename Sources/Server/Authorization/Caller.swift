import Jobs
import Transport

/// Who calls, and over what: one object for all calls of a connection.
final class Caller {
    let identity: ClientIdentity
    let security: SecurityInfo?

    private init(identity: ClientIdentity, security: SecurityInfo?) {
        self.identity = identity
        self.security = security
    }

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
