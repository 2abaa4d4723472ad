import Jobs
import Transport

/// What a certificate lets its holder do.
enum Role: String, CaseIterable {
    /// Own jobs only.
    case user
    /// Every job, and the server itself.
    case admin
}

/// Who a certificate stands for: a tenant and a role.
///
/// The tenant is the common name, byte for byte, together with the key of the CA that issued the
/// certificate: two CAs cannot mint the same tenant.
struct ClientIdentity: Equatable {
    let tenant: Tenant
    let role: Role
    /// The users of this host that the certificate lists, as its organizational units: one may ask
    /// to be them where the policy agrees.
    let principals: [String]

    /// What the jobs room needs to know of the caller.
    var viewer: Viewer {
        Viewer(tenant: tenant, isAdmin: role == .admin)
    }

    /// Reads a certificate that TLS has verified.
    ///
    /// - Throws: Why nobody can be told from it.
    init(_ certificate: PeerCertificate) throws(IdentityRefusal) {
        let name = try Self.commonName(certificate.commonNames)
        tenant = Tenant(name: name, issuerKeyHash: certificate.issuerPublicKeySHA256)
        role = Self.role(certificate.organizations)
        principals = certificate.organizationalUnits.compactMap {
            String(validating: $0, as: UTF8.self)
        }
    }

    /// The one common name.
    ///
    /// A certificate with two could be read as either by two programs.
    private static func commonName(_ names: [[UInt8]]) throws(IdentityRefusal) -> String {
        guard let first = names.first else { throw .noCommonName }
        guard names.count == 1 else { throw .repeatedCommonName }
        guard !first.isEmpty else { throw .emptyCommonName }
        guard let name = String(validating: first, as: UTF8.self) else { throw .notUTF8 }
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control
        }
        guard !name.unicodeScalars.contains(where: isControl) else { throw .controlCharacter }
        return name
    }

    /// The first organization is the role: `admin`, or anybody else.
    ///
    /// `user`, `client`, a company's name and none at all mean the same.
    private static func role(_ organizations: [[UInt8]]) -> Role {
        organizations.first.map { $0.elementsEqual("admin".utf8) } == true ? .admin : .user
    }
}

/// Why a verified certificate names no tenant.
enum IdentityRefusal: Error, Equatable, CaseIterable {
    case noCertificate
    case noCommonName
    case repeatedCommonName
    case emptyCommonName
    case notUTF8
    case controlCharacter

    /// What is wrong, to complete "the certificate …".
    var problem: String {
        switch self {
        case .noCertificate: "is missing"
        case .noCommonName: "has no common name"
        case .repeatedCommonName: "has more than one common name"
        case .emptyCommonName: "has an empty common name"
        case .notUTF8: "has a common name that is not UTF-8"
        case .controlCharacter: "has a control character in its common name"
        }
    }
}
