/// What a server would have to do without that runs as the doctor does, if that is not root.
///
/// Nothing is wrong with that; but jobs that ask for it are refused there.
struct PrivilegeCheck {
    let userID: UInt32
    /// Where control groups are mounted, if they are.
    let hierarchy: String?
    /// The text of a file, without the newline at its end; nil if there is no such file.
    let text: (String) -> String?
    /// Whose a directory is; nil if there is none.
    let owner: (String) -> UInt32?

    var findings: [Finding] { userID == 0 ? [] : [privileges, limits] }

    private var privileges: Finding {
        Finding(
            .ok, "privileges",
            "none: jobs of a server that runs as you have no images, no private networks and no "
                + "user but yourself")
    }

    /// A server makes the groups of its jobs beside its own, so that place must be its user's.
    private var limits: Finding {
        guard let place else {
            return Finding(.ok, "limits", "none for jobs of a server that runs as you")
        }
        guard owner(place) == userID else {
            return Finding(
                .ok, "limits",
                "none for jobs of a server that runs as you here, as \(place) is not yours",
                advice: "A service of your own has such a place: systemctl --user.")
        }
        return Finding(.ok, "limits", "jobs of a server that runs as you have those of \(place)")
    }

    /// The directory above that of our own group; cgroups(7): `0::/path`.
    private var place: String? {
        let lines = (text("/proc/self/cgroup") ?? "").split(separator: "\n")
        guard let hierarchy, let line = lines.first(where: { $0.hasPrefix("0::/") }) else {
            return nil
        }
        let path = line.dropFirst("0::".count)
        return hierarchy + path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
    }
}
