/// What one who starts a job may ask for.
package struct StartPermissions: Sendable {
    /// Which rule says so, for the one who is refused; nil: none that has a name.
    package var rule: String?
    /// The programs, by absolute path; nil for all.
    package var commands: [Pattern]?
    /// Whether a line for the shell may be run.
    package var allowsShell: Bool
    /// The images, by name; nil for all.
    package var images: [Pattern]?
    /// How far jobs may be kept apart from the host.
    package var isolations: [JobSpecification.Isolation]
    /// What jobs may reach that are kept apart.
    package var networks: [JobSpecification.Network]
    /// The users of the host that jobs may run as; nil for all.
    package var users: [String]?

    /// Everything is allowed but what is said here.
    package init(
        rule: String? = nil, commands: [Pattern]? = nil, allowsShell: Bool = true,
        images: [Pattern]? = nil,
        isolations: [JobSpecification.Isolation] = JobSpecification.Isolation.allCases,
        networks: [JobSpecification.Network] = JobSpecification.Network.allCases,
        users: [String]? = nil
    ) {
        self.rule = rule
        self.commands = commands
        self.allowsShell = allowsShell
        self.images = images
        self.isolations = isolations
        self.networks = networks
        self.users = users
    }

    /// Refuses what is not allowed.
    func check(_ specification: JobSpecification) throws(JobError) {
        try check(specification.command)
        try require(
            isolations.contains(specification.isolation), .isolation,
            specification.isolation.rawValue, isolations.map(\.rawValue))
        if let image = specification.image {
            try require(allows(image: image), .image, image, (images ?? []).map(\.text))
        }
        if let network = specification.effectiveNetwork {
            try require(
                networks.contains(network), .network, network.rawValue, networks.map(\.rawValue))
        }
        if let user = specification.user, let users {
            try require(users.contains { $0.utf8.elementsEqual(user.utf8) }, .user, user, users)
        }
    }

    /// Whether jobs may run on an image of that name.
    package func allows(image: String) -> Bool {
        Self.lists(images, image)
    }

    private func check(_ command: JobSpecification.Command) throws(JobError) {
        switch command {
        case .shell(let line):
            try require(allowsShell, .shell, line, (commands ?? []).map(\.text))
        case .program(let program, _):
            guard let commands else { return }
            try require(
                program.isPlainPath && Self.lists(commands, program), .command, program,
                commands.map(\.text))
        }
    }

    private func require(
        _ isAllowed: Bool, _ subject: PolicyDenial.Subject, _ asked: String, _ allowed: [String]
    ) throws(JobError) {
        guard !isAllowed else { return }
        throw .policyDenied(
            PolicyDenial(rule: rule, subject: subject, asked: asked, allowed: allowed))
    }

    private static func lists(_ patterns: [Pattern]?, _ name: String) -> Bool {
        patterns?.contains { $0.matches(name.utf8) } ?? true
    }
}

/// What somebody asked for and may not have.
public struct PolicyDenial: Hashable, Sendable {
    /// What it is about; the raw value is the field of the API.
    public enum Subject: String, Sendable {
        /// A program.
        case command = "spec.command.argv.program"
        /// A line for the shell.
        case shell = "spec.command.shell"
        /// How far the job is kept apart.
        case isolation = "spec.isolation"
        /// An image.
        case image = "spec.image"
        /// What the job can reach.
        case network = "spec.network"
        /// A user of the host.
        case user = "spec.user"
    }

    /// The rule that says so, if it has a name.
    public let rule: String?
    /// What it is about.
    public let subject: Subject
    /// What was asked for.
    public let asked: String
    /// What may be had instead.
    public let allowed: [String]

    /// Notes a refusal.
    package init(rule: String?, subject: Subject, asked: String, allowed: [String]) {
        self.rule = rule
        self.subject = subject
        self.asked = asked
        self.allowed = allowed
    }

    /// The refusal in words, and what would be allowed.
    var sentence: String {
        let by =
            rule.map { "the rule \(quoted($0)) of the server's policy" } ?? "the server's policy"
        return "\(refused) is not allowed to you by \(by). \(remedy)"
    }

    private var refused: String {
        switch subject {
        case .command: "The program \(quoted(asked))"
        case .shell: "A line for the shell"
        case .isolation: "Isolation \(quoted(asked))"
        case .image: "The image \(quoted(asked))"
        case .network: "The network \(quoted(asked))"
        case .user: "To run as the user \(quoted(asked))"
        }
    }

    private var remedy: String {
        let shown = allowed.prefix(8).map(quoted).joined(separator: ", ")
        let more = allowed.count > 8 ? ", and \(allowed.count - 8) more" : ""
        guard !allowed.isEmpty else { return remedyWithoutChoice }
        switch subject {
        case .command: return "By their whole paths, these are: \(shown)\(more)."
        case .shell: return "By their whole paths, these programs are: \(shown)\(more)."
        case .isolation, .image, .network, .user: return "These are: \(shown)\(more)."
        }
    }

    private var remedyWithoutChoice: String {
        switch subject {
        case .shell: "Give a program and its arguments instead."
        case .user:
            "No user is. A certificate must list one (`cmdctl pki issue client --principal`): "
                + "ask the server's administrator."
        case .command, .isolation, .image, .network:
            "Nothing of that kind is. Ask the server's administrator."
        }
    }
}

extension JobSpecification {
    /// What the job could reach, as far as that is a matter of its own: one that shares the host
    /// shares the host's network.
    fileprivate var effectiveNetwork: Network? {
        if isolation == .host { return network == .host ? nil : network }
        return network ?? Network.none
    }
}

extension String {
    /// Whether it is an absolute path that says where it leads: without `.`, `..` or empty parts.
    fileprivate var isPlainPath: Bool {
        guard utf8.first == UInt8(ascii: "/") else { return false }
        return utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
        )
        .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }
}
