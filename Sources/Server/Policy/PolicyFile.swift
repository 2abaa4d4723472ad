import Jobs
import Yams

/// A policy as a file says it: rules, of which the first that matches counts, and defaults.
struct PolicyFile {
    var rules: [PolicyRule] = []
    /// What counts where the rule that matches says nothing, or none matches.
    var defaults = PolicyGrants()

    private enum Key: String, CaseIterable { case rules, defaults }

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: What the file holds.
    ///   - file: Its path, for errors.
    /// - Throws: The first thing that is wrong.
    init(parsing text: String, file: String) throws(PolicyProblem) {
        let reader = PolicyReader(file: file)
        guard let root = try reader.compose(text) else { return }
        let members: [Key: Node] = try reader.members(of: root, "the policy")
        if let node = members[.defaults] {
            defaults = try reader.grants(try reader.members(of: node, "the defaults"))
        }
        guard let node = members[.rules] else { return }
        for element in try reader.list(node, "rules") { rules.append(try reader.rule(element)) }
    }

    /// What a policy without a file says: nothing.
    static let none = PolicyFile()

    private init() {}
}

extension PolicyReader {
    fileprivate enum RuleKey: String, CaseIterable {
        case name, tenants, roles
    }

    fileprivate enum GrantKey: String, CaseIterable {
        case commands, shell, images, isolation, networks, users, limits, quotas
        case timeoutDefault = "timeout_default"
        case timeoutMax = "timeout_max"
        case logMax = "log_max"
    }

    fileprivate enum QuotaKey: String, CaseIterable {
        case running, queued, rate, burst, granted
    }

    /// The keys of a rule: whom it is about, and what it grants.
    fileprivate enum AnyRuleKey: RawRepresentable, CaseIterable, Hashable {
        case rule(RuleKey)
        case grant(GrantKey)

        static var allCases: [AnyRuleKey] {
            RuleKey.allCases.map { .rule($0) } + GrantKey.allCases.map { .grant($0) }
        }

        init?(rawValue: String) {
            if let key = RuleKey(rawValue: rawValue) {
                self = .rule(key)
            } else if let key = GrantKey(rawValue: rawValue) {
                self = .grant(key)
            } else {
                return nil
            }
        }

        var rawValue: String {
            switch self {
            case .rule(let key): key.rawValue
            case .grant(let key): key.rawValue
            }
        }
    }

    fileprivate func rule(_ node: Node) throws(PolicyProblem) -> PolicyRule {
        let members: [AnyRuleKey: Node] = try members(of: node, "a rule")
        var rule = PolicyRule()
        var granted: [GrantKey: Node] = [:]
        for (key, node) in members {
            switch key {
            case .rule(.name): rule.name = try text(node, "name")
            case .rule(.tenants): rule.tenants = try texts(node, "tenants").map { Pattern($0) }
            case .rule(.roles): rule.roles = try words(node, "roles")
            case .grant(let key): granted[key] = node
            }
        }
        rule.grants = try grants(granted)
        return rule
    }

    fileprivate func grants(_ members: [GrantKey: Node]) throws(PolicyProblem) -> PolicyGrants {
        var grants = PolicyGrants()
        for (key, node) in members {
            switch key {
            case .commands: grants.commands = try commands(node)
            case .shell: grants.shell = try truth(node, "shell")
            case .images: grants.images = try texts(node, "images").map { Pattern($0) }
            case .isolation: grants.isolations = try words(node, "isolation")
            case .networks: grants.networks = try words(node, "networks")
            case .users: grants.users = try texts(node, "users").map { Pattern($0) }
            case .limits: grants.limits = try limits(node, "limits")
            case .quotas: grants.quota = try quota(node)
            case .timeoutDefault: grants.timeoutDefault = try duration(node, "timeout_default")
            case .timeoutMax: grants.timeoutMax = try duration(node, "timeout_max")
            case .logMax: grants.logMax = try logBytes(node, "log_max")
            }
        }
        return grants
    }

    /// A name without a path would mean whatever the PATH of the job makes of it.
    private func commands(_ node: Node) throws(PolicyProblem) -> [Pattern] {
        try texts(node, "commands").map { text throws(PolicyProblem) in
            guard text.hasPrefix("/") else {
                throw problem(
                    "each of commands must be an absolute path, as /usr/bin/make", at: node)
            }
            return Pattern(text)
        }
    }

    private func duration(_ node: Node, _ what: String) throws(PolicyProblem) -> Duration {
        try parsed(node, what, as: "a length of time, as 90s, 10m or 1h30m") {
            Duration(parsingSetting: $0)
        }
    }

    private func logBytes(_ node: Node, _ what: String) throws(PolicyProblem) -> UInt64 {
        try parsed(node, what, as: LogLimit.expected) { LogLimit.maxBytes(parsingSetting: $0) }
    }

    private func limits(_ node: Node, _ what: String) throws(PolicyProblem) -> ResourceLimits {
        try parsed(node, what, as: LimitList.expected) { LimitList($0)?.limits }
    }

    private func quota(_ node: Node) throws(PolicyProblem) -> StartQuota {
        let members: [QuotaKey: Node] = try members(of: node, "quotas")
        var quota = StartQuota()
        for (key, node) in members {
            switch key {
            case .running: quota.running = try count(node, "running")
            case .queued: quota.queued = try count(node, "queued")
            case .rate: quota.rate = try rate(node, members[.burst])
            case .burst where members[.rate] == nil:
                throw problem("burst needs a rate beside it", at: node)
            case .burst: break
            case .granted:
                let granted = try parsed(node, "granted", as: GrantedList.expected) {
                    GrantedList($0)
                }
                (quota.memory, quota.cpuMillis) = (granted.memory, granted.cpuMillis)
            }
        }
        return quota
    }

    private func count(_ node: Node, _ what: String) throws(PolicyProblem) -> Int {
        try parsed(node, what, as: "a whole number, 0 or more") { Quantity.count($0) }
    }

    private func rate(_ node: Node, _ burst: Node?) throws(PolicyProblem) -> StartRate {
        var most: Int?
        if let burst {
            most = try parsed(burst, "burst", as: Quantity.burstExpected) { Quantity.burst($0) }
        }
        return try parsed(node, "rate", as: Quantity.rateExpected) {
            Quantity.rate($0, burst: most)
        }
    }
}
