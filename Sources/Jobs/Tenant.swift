/// To whom jobs belong: a name, and the authority that vouched for it.
///
/// Both are compared byte by byte. Two names that only look alike, or that Unicode calls
/// equivalent, are two tenants, and so are equal names from two authorities.
public struct Tenant: Hashable, Sendable {
    /// The name, exactly as the authority wrote it.
    public let nameBytes: [UInt8]
    /// SHA-256 of the authority's public key (its SubjectPublicKeyInfo); empty for embedders.
    public let issuerKeyHash: [UInt8]

    /// Names a tenant by exact bytes.
    public init(nameBytes: [UInt8], issuerKeyHash: [UInt8]) {
        self.nameBytes = nameBytes
        self.issuerKeyHash = issuerKeyHash
    }

    /// Names a tenant by text.
    public init(name: String, issuerKeyHash: [UInt8] = []) {
        self.init(nameBytes: Array(name.utf8), issuerKeyHash: issuerKeyHash)
    }

    /// Hashes both.
    public func hash(into hasher: inout Hasher) {
        // At once: an array would be hashed byte by byte.
        nameBytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        issuerKeyHash.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The owner of jobs whose owner nobody knows any more: nobody can be it, since a hash of one
    /// byte is none that an authority or an embedder could have.
    static let unknown = Tenant(nameBytes: [], issuerKeyHash: [0])

    /// The name as text for people; bytes that are not UTF-8 show as replacement characters.
    public var name: String { String(decoding: nameBytes, as: UTF8.self) }
}

/// On whose behalf the supervisor is asked.
package struct Viewer: Hashable, Sendable {
    package let tenant: Tenant
    /// An admin sees every job; anyone else sees the own tenant's, and no sign of the others.
    package let isAdmin: Bool

    /// Makes a viewer from what the caller's certificate proved.
    package init(tenant: Tenant, isAdmin: Bool) {
        self.tenant = tenant
        self.isAdmin = isAdmin
    }

    /// Whether a job of `owner` exists as far as this viewer can tell.
    package func maySee(jobsOf owner: Tenant) -> Bool {
        isAdmin || tenant == owner
    }
}
