import Jobs
import Logging
import Reactor

/// What the daemon was told, checked: a flag wins over the file, the file over the default.
struct Configuration {
    /// What happens to running jobs when the daemon ends.
    enum JobsOnShutdown: String, CaseIterable {
        /// They run on; their shims keep their output and exit codes.
        case leave
        /// They are stopped, with the default grace, before the daemon ends.
        case stop
    }

    /// What happens to a job that asks for a limit that the host cannot enforce.
    enum LimitMode: String, CaseIterable {
        /// It is refused.
        case required
        /// It runs without, and says so.
        case bestEffort = "best-effort"
    }

    private(set) var stateDirectory: String
    let listen: SocketAddress
    let certificateFile: String
    let keyFile: String
    let clientCAFile: String
    let backend: BackendChoice
    /// Path of `cmdctl-shim`; nil means beside the daemon's own program.
    let shim: String?
    let onShutdown: JobsOnShutdown
    let logLevel: Logger.Level
    /// Path of the policy; nil for none.
    let policyFile: String?
    /// What every tenant is granted.
    let startTerms: StartTerms
    let limitPolicy: LimitPolicy
    /// What is kept of jobs that have ended.
    let retention: RetentionSettings
    /// What one image may take on the disk, in bytes.
    let imageBytesMax: UInt64
    /// What jobs have that are kept apart from the host.
    let sandbox: SandboxSettings
    /// What private networks are made of.
    let network: NetworkSettings
    /// What all tenants may have together.
    let quota: StartQuota
    /// What each of them may have.
    let quotaPerTenant: StartQuota

    /// Merges the sources and checks every value.
    ///
    /// - Parameters:
    ///   - flags: What the command line says.
    ///   - file: What the configuration file says, by setting.
    /// - Throws: The first value that cannot be, or all that are missing.
    init(
        flags: [Setting: String], file: [Setting: SettingValue] = [:]
    ) throws(ConfigurationError) {
        let sources = Sources(flags: flags, file: file)
        try sources.requireAll()
        stateDirectory = try sources.text(.stateDirectory)
        certificateFile = try sources.text(.certificate)
        keyFile = try sources.text(.key)
        clientCAFile = try sources.text(.clientCA)
        policyFile = try sources.has(.policy) ? sources.text(.policy) : nil
        shim = try sources.has(.shim) ? sources.text(.shim) : nil
        listen = try sources.parsed(
            .listen, as: "an IP address and a port, as 127.0.0.1:9090 or [::1]:0"
        ) { SocketAddress(parsing: $0) }
        backend = try sources.choice(.backend)
        onShutdown = try sources.choice(.onShutdown)
        logLevel = try sources.choice(.logLevel)
        startTerms = StartTerms(
            timeoutDefault: try sources.duration(.timeoutDefault),
            timeoutMax: try sources.duration(.timeoutMax),
            logLimit: LogLimit(
                maxBytes: try sources.logBytes(.logMax),
                whenFull: try sources.parsed(.logFull, as: "one of keep, drop, stop") {
                    LogLimit.FullAction(setting: $0)
                }))
        limitPolicy = try sources.limitPolicy()
        retention = try RetentionSettings(sources)
        imageBytesMax = try sources.parsed(.imageMax, as: "a size, as 500M or 10G") {
            UInt64(parsingBytes: $0)
        }
        sandbox = try SandboxSettings(sources)
        let resolvers = try sources.parsed(
            .networkDNS, as: "addresses of version 4 with commas between them",
            NetworkSettings.resolvers(parsingSetting:))
        network = try sources.parsed(
            .networkPool, as: "a block of addresses for hosts, as 10.211.0.0/16, of 4 or more"
        ) { NetworkSettings(parsingSetting: $0, resolvers: resolvers) }
        quota = try sources.quota()
        quotaPerTenant = try sources.quotaPerTenant()
    }
}

extension Configuration {
    /// The same with the whole path of the state directory.
    ///
    /// It is the server's name to others: to shims and jobs, which are in other directories, and for
    /// the packet rules, which are the host's.
    func resolved(in workingDirectory: String?) -> Configuration {
        guard let workingDirectory, !stateDirectory.hasPrefix("/") else { return self }
        var whole = self
        whole.stateDirectory = "\(workingDirectory)/\(stateDirectory)"
        return whole
    }
}

/// The flags over the file over the defaults, and the checks all settings share.
struct Sources {
    let flags: [Setting: String]
    let file: [Setting: SettingValue]

    func value(_ setting: Setting) -> SettingValue? {
        if let flag = flags[setting] { return SettingValue(text: flag, origin: .flag) }
        if let written = file[setting] { return written }
        return setting.defaultValue.map { SettingValue(text: $0, origin: .builtIn) }
    }

    func has(_ setting: Setting) -> Bool {
        value(setting) != nil
    }

    /// Names all that is missing at once, so that the operator does not meet them one by one.
    func requireAll() throws(ConfigurationError) {
        let missing = Setting.allCases.filter { !$0.isOptional && !has($0) }
        guard missing.isEmpty else { throw .missing(missing) }
    }

    func text(_ setting: Setting) throws(ConfigurationError) -> String {
        try parsed(setting, as: "a path, and not empty") {
            $0.isEmpty || $0.utf8.contains(0) ? nil : $0
        }
    }

    /// A length of time that is more than nothing, if there is one.
    func duration(_ setting: Setting) throws(ConfigurationError) -> Duration? {
        guard has(setting) else { return nil }
        return try parsed(setting, as: "a length of time, as 90s, 10m or 1h30m") {
            Duration(parsingSetting: $0)
        }
    }

    func quota() throws(ConfigurationError) -> StartQuota {
        let granted = try granted(.grantedTotal)
        return StartQuota(
            running: try count(.runningMax), queued: try count(.queueMax),
            memory: granted.memory, cpuMillis: granted.cpuMillis,
            rate: try rate(.startRate, burst: .startBurst))
    }

    func quotaPerTenant() throws(ConfigurationError) -> StartQuota {
        let granted = try granted(.grantedPerTenant)
        return StartQuota(
            running: try count(.runningMaxPerTenant), queued: try count(.queueMaxPerTenant),
            memory: granted.memory, cpuMillis: granted.cpuMillis,
            rate: try rate(.startRatePerTenant, burst: .startBurstPerTenant))
    }

    private func granted(_ setting: Setting) throws(ConfigurationError) -> GrantedList {
        try parsed(setting, as: GrantedList.expected) { GrantedList($0) }
    }

    private func count(_ setting: Setting) throws(ConfigurationError) -> Int? {
        guard has(setting) else { return nil }
        return try parsed(setting, as: "a whole number, 0 or more") { Quantity.count($0) }
    }

    /// How often, with as many at once as that says unless another setting does.
    private func rate(
        _ setting: Setting, burst: Setting
    ) throws(ConfigurationError) -> StartRate? {
        guard has(setting) else {
            guard let stray = value(burst) else { return nil }
            throw .invalid(
                burst, stray, expected: "left out where there is no \(setting.rawValue)")
        }
        let most: Int? =
            try has(burst)
            ? parsed(burst, as: Quantity.burstExpected) { Quantity.burst($0) } : nil
        return try parsed(setting, as: Quantity.rateExpected) { Quantity.rate($0, burst: most) }
    }

    func limitPolicy() throws(ConfigurationError) -> LimitPolicy {
        let mode: Configuration.LimitMode = try choice(.limits)
        return LimitPolicy(
            defaults: try limits(.jobDefaults), ceiling: try limits(.jobLimits),
            total: try limits(.totalLimits), isBestEffort: mode == .bestEffort,
            place: try parsed(.jobsCgroup, as: "auto, or the absolute path of a directory") {
                if $0 == "auto" { return .automatic }
                return $0.hasPrefix("/") && !$0.hasSuffix("/") ? .directory($0) : nil
            })
    }

    private func limits(_ setting: Setting) throws(ConfigurationError) -> ResourceLimits {
        try parsed(setting, as: LimitList.expected) { LimitList($0)?.limits }
    }

    /// A bound of a job's output, which has to be of some use.
    func logBytes(_ setting: Setting) throws(ConfigurationError) -> UInt64 {
        try parsed(setting, as: LogLimit.expected) { LogLimit.maxBytes(parsingSetting: $0) }
    }

    func choice<Choice>(_ setting: Setting) throws(ConfigurationError) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try parsed(setting, as: "one of \(names)") { Choice(rawValue: $0) }
    }

    func parsed<Value>(
        _ setting: Setting, as expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value {
        guard let value = value(setting) else { throw .missing([setting]) }
        guard let parsed = parse(value.text) else {
            throw .invalid(setting, value, expected: expected)
        }
        return parsed
    }
}
