import ArgumentParser
import Reactor

/// The flags of the daemon; each is a ``Setting`` but for `--config`.
struct Options: ParsableArguments {
    @Option(help: .init("Directory of the jobs' logs.", valueName: "directory"))
    var stateDir: String?

    @Option(help: .init("Address and port to listen on.", valueName: "address:port"))
    var listen: String?

    @Option(help: .init("The server's certificate, PEM.", valueName: "file"))
    var cert: String?

    @Option(help: .init("The key of the certificate, PEM.", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("client-ca"),
        help: .init("Who issues the clients' certificates, PEM.", valueName: "file"))
    var clientCA: String?

    @Option(help: .init("Configuration file; flags win over it.", valueName: "file.yaml"))
    var config: String?

    @Option(help: .init("How to wait for events: auto, epoll or io_uring.", valueName: "backend"))
    var backend: String?

    @Option(help: .init("The program cmdctl-shim, if not beside this one.", valueName: "file"))
    var shim: String?

    @Option(help: .init("What becomes of jobs: leave or stop.", valueName: "what"))
    var onShutdown: String?

    @Option(help: .init("Least level that is logged: trace to critical.", valueName: "level"))
    var logLevel: String?

    @Option(help: .init("Time limit of jobs that ask for none.", valueName: "duration"))
    var timeoutDefault: String?

    @Option(help: .init("Longest time limit; what asks for more gets this.", valueName: "duration"))
    var timeoutMax: String?

    @Option(help: .init("Addresses for jobs with private networks.", valueName: "address/bits"))
    var networkPool: String?

    @Option(
        name: .customLong("network-dns"),
        help: .init(
            "Name servers for them where the host's are its own.", valueName: "addresses"))
    var networkDNS: String?

    @Option(
        help: .init(
            "Whether jobs run without limits the host cannot enforce: required or best-effort.",
            valueName: "mode"))
    var limits: String?

    @Option(
        help: .init(
            "Where the control groups of jobs are made: auto or a directory.",
            valueName: "directory"))
    var jobsCgroup: String?

    @Option(
        help: .init(
            "What all jobs may take together: \"max-cpu=300% max-mem=8G\".", valueName: "limits"))
    var totalLimits: String?

    @Option(help: .init("What each job may take at most.", valueName: "limits"))
    var jobLimits: String?

    @Option(help: .init("What a job gets that asks for nothing.", valueName: "limits"))
    var jobDefaults: String?

    @Option(help: .init("How much output each job may keep, as 100M or 1G.", valueName: "bytes"))
    var logMax: String?

    @Option(help: .init("What goes beyond: keep (the newest), drop or stop.", valueName: "what"))
    var logFull: String?

    @Option(help: .init("How much all output may take; auto, all or as 10G.", valueName: "bytes"))
    var logsTotalMax: String?

    @Option(help: .init("How long ended jobs are kept; as 30d, or all.", valueName: "duration"))
    var retainAge: String?

    @Option(help: .init("How many ended jobs are kept, or all.", valueName: "number"))
    var retainJobs: String?

    @Option(help: .init("How much their output may take; as 10G, or all.", valueName: "bytes"))
    var retainBytes: String?

    @Option(help: .init("What one image may take on the disk.", valueName: "size"))
    var imageMax: String?

    @Option(
        name: .customLong("sub-id-base"),
        help: .init("First user of the host for isolated jobs' own.", valueName: "number"))
    var subIDBase: String?

    @Option(
        help: .init("What an isolated job may write outside its output.", valueName: "bytes"))
    var scratchMax: String?

    @Option(help: .init("Who may start what; read anew when it changes.", valueName: "file.yaml"))
    var policy: String?

    @Flag(help: "Only check settings, certificates and policy, and say what is wrong.")
    var check = false

    @Option(help: .init("Only check such a file, and say what is wrong.", valueName: "file.yaml"))
    var checkPolicy: String?

    @Option(help: .init("Jobs that run at one time; others wait.", valueName: "count"))
    var runningMax: String?

    @Option(help: .init("The same, of one tenant.", valueName: "count"))
    var runningMaxPerTenant: String?

    @Option(help: .init("Jobs that wait at one time; others are refused.", valueName: "count"))
    var queueMax: String?

    @Option(help: .init("The same, of one tenant.", valueName: "count"))
    var queueMaxPerTenant: String?

    @Option(help: .init("How often jobs are started, as 10/s or 100/m.", valueName: "rate"))
    var startRate: String?

    @Option(help: .init("The same, of one tenant.", valueName: "rate"))
    var startRatePerTenant: String?

    @Option(help: .init("How many at once, if not as many as the rate says.", valueName: "count"))
    var startBurst: String?

    @Option(help: .init("The same, of one tenant.", valueName: "count"))
    var startBurstPerTenant: String?

    @Option(
        help: .init(
            "What the limits of all running jobs add up to: \"max-cpu=400% max-mem=8G\".",
            valueName: "limits"))
    var grantedTotal: String?

    @Option(help: .init("The same, of one tenant.", valueName: "limits"))
    var grantedPerTenant: String?
}

extension Options {
    /// The flags that were given.
    var settings: [Setting: String] {
        let all: [Setting: String?] = [
            .stateDirectory: stateDir, .listen: listen, .certificate: cert, .key: key,
            .clientCA: clientCA, .backend: backend, .shim: shim, .onShutdown: onShutdown,
            .logLevel: logLevel, .timeoutDefault: timeoutDefault, .timeoutMax: timeoutMax,
            .networkPool: networkPool, .networkDNS: networkDNS,
            .limits: limits, .jobsCgroup: jobsCgroup,
            .policy: policy,
            .totalLimits: totalLimits, .jobLimits: jobLimits, .jobDefaults: jobDefaults,
            .logMax: logMax, .logFull: logFull, .logsTotalMax: logsTotalMax,
            .retainAge: retainAge, .retainJobs: retainJobs, .retainBytes: retainBytes,
            .imageMax: imageMax, .subIDBase: subIDBase, .scratchMax: scratchMax,
        ]
        return all.merging(quotas) { $1 }.compactMapValues { $0 }
    }

    private var quotas: [Setting: String?] {
        [
            .runningMax: runningMax, .runningMaxPerTenant: runningMaxPerTenant,
            .queueMax: queueMax, .queueMaxPerTenant: queueMaxPerTenant,
            .startRate: startRate, .startRatePerTenant: startRatePerTenant,
            .startBurst: startBurst, .startBurstPerTenant: startBurstPerTenant,
            .grantedTotal: grantedTotal, .grantedPerTenant: grantedPerTenant,
        ]
    }

    /// Merges the flags with the configuration file, if there is one.
    func configuration(of kernel: any Kernel) throws(ConfigurationError) -> Configuration {
        try merged(of: kernel).resolved(in: Environment.workingDirectory)
    }

    private func merged(of kernel: any Kernel) throws(ConfigurationError) -> Configuration {
        guard let config else { return try Configuration(flags: settings) }
        let text: String
        do throws(Errno) {
            let bytes = try kernel.contents(of: config, sizeMax: Limits.configurationBytesMax)
            text = String(decoding: bytes, as: UTF8.self)
        } catch {
            throw .unreadable(file: config, problem: error.description)
        }
        let file = try ConfigurationFile(parsing: text, file: config)
        return try Configuration(flags: settings, file: file.values)
    }
}
