/// What a method may be asked by whom.
///
/// Which *jobs* a caller sees is decided where jobs are looked up, by ``Viewer``: one look-up for
/// own, foreign and missing jobs alike, so that the answer, its text and the time it takes are the
/// same for the last two.
enum AccessPolicy {
    /// The least role a method asks for.
    enum Requirement {
        case anyTenant
        case admin
    }

    /// Refuses a caller whose role does not suffice.
    static func check(
        _ identity: ClientIdentity, against requirement: Requirement
    ) throws(CallError) {
        switch requirement {
        case .anyTenant: return
        case .admin:
            guard identity.role == .admin else { throw .adminRequired }
        }
    }
}
