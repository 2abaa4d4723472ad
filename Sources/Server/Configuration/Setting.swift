import Jobs
import Netlink

/// Something the daemon can be told, by flag or in its configuration file.
///
/// The raw value is the key in the file; the flag is the same word with hyphens.
enum Setting: String, CaseIterable {
    case stateDirectory = "state_dir"
    case listen = "listen"
    case certificate = "cert"
    case key = "key"
    case clientCA = "client_ca"
    case backend = "backend"
    case shim = "shim"
    case onShutdown = "on_shutdown"
    case logLevel = "log_level"
    case timeoutDefault = "timeout_default"
    case timeoutMax = "timeout_max"
    case networkPool = "network_pool"
    case networkDNS = "network_dns"
    case limits = "limits"
    case jobsCgroup = "jobs_cgroup"
    case totalLimits = "total_limits"
    case jobLimits = "job_limits"
    case jobDefaults = "job_defaults"
    case logMax = "log_max"
    case logFull = "log_full"
    case logsTotalMax = "logs_total_max"
    case retainAge = "retain_age"
    case retainJobs = "retain_jobs"
    case retainBytes = "retain_bytes"
    case imageMax = "image_max"
    case subIDBase = "sub_id_base"
    case scratchMax = "scratch_max"
    case policy = "policy"
    case runningMax = "running_max"
    case queueMax = "queue_max"
    case startRate = "start_rate"
    case startBurst = "start_burst"
    case grantedTotal = "granted_total"
    case runningMaxPerTenant = "running_max_per_tenant"
    case queueMaxPerTenant = "queue_max_per_tenant"
    case startRatePerTenant = "start_rate_per_tenant"
    case startBurstPerTenant = "start_burst_per_tenant"
    case grantedPerTenant = "granted_per_tenant"

    /// How the command line spells it.
    var flag: String {
        "--" + rawValue.map { $0 == "_" ? "-" : String($0) }.joined()
    }

    /// Whether its value is a path, which in a file is relative to that file's directory.
    var isPath: Bool {
        switch self {
        case .stateDirectory, .certificate, .key, .clientCA, .shim, .policy: true
        default: false
        }
    }

    /// Whether its value is a whole number, which YAML tells from text.
    var isNumber: Bool {
        switch self {
        case .runningMax, .runningMaxPerTenant, .queueMax, .queueMaxPerTenant, .startBurst,
            .startBurstPerTenant, .subIDBase:
            true
        default: false
        }
    }

    /// What it is when nobody says; nil where only the operator can know.
    var defaultValue: String? {
        switch self {
        case .stateDirectory: "/var/lib/cmdctl"
        case .listen: "127.0.0.1:9090"
        case .backend: "auto"
        case .onShutdown: "leave"
        case .logLevel: "info"
        case .networkPool: NetworkSettings.standard.pool.description
        case .networkDNS: ""
        case .limits: "required"
        case .jobsCgroup: "auto"
        case .totalLimits, .jobLimits, .jobDefaults, .grantedTotal, .grantedPerTenant: ""
        case .logMax: "1G"
        case .logFull: "keep"
        case .logsTotalMax: "auto"
        case .retainAge: "30d"
        case .retainJobs: "10000"
        case .retainBytes: "all"
        case .imageMax: "10G"
        case .subIDBase: "\(JobLimits().subIDBase)"
        case .scratchMax: "512M"
        case .queueMax: "1000"
        case .queueMaxPerTenant: "100"
        default: nil
        }
    }

    /// Whether the daemon does without it.
    var isOptional: Bool {
        switch self {
        case .stateDirectory, .listen, .certificate, .key, .clientCA, .backend, .onShutdown,
            .logLevel, .networkPool, .networkDNS,
            .limits, .jobsCgroup, .totalLimits, .jobLimits, .jobDefaults, .logMax,
            .logFull, .logsTotalMax, .retainAge, .retainJobs, .retainBytes, .imageMax,
            .subIDBase, .scratchMax:
            false
        default: true
        }
    }

    /// The setting whose key is closest to a word that is none, for the error to suggest.
    static func nearest(to word: String) -> Setting {
        var nearest = Setting.stateDirectory
        var shortest = Int.max
        for candidate in allCases {
            let distance = editDistance(word, candidate.rawValue)
            if distance < shortest { (nearest, shortest) = (candidate, distance) }
        }
        return nearest
    }
}

/// A setting's text, and where it was written, so that an error can point there.
struct SettingValue: Equatable {
    /// Where a value came from.
    enum Origin: Equatable {
        case flag
        case file(String, line: Int?)
        case builtIn
    }

    let text: String
    let origin: Origin
}
