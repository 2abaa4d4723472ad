import ArgumentParser
import Jobs
import Logging
import Reactor
import Testing

@testable import Server

/// What the daemon is told: sources, precedence, and every way of getting it wrong.
@Suite struct ConfigurationTests {
    static let required: [Setting: String] = [
        .certificate: "server.pem", .key: "server.key", .clientCA: "ca.pem",
    ]

    @Test func `what nobody says has a default`() throws {
        let configuration = try Configuration(flags: Self.required)
        #expect(configuration.stateDirectory == "/var/lib/cmdctl")
        #expect(configuration.listen == .loopback(port: 9090))
        #expect(configuration.backend == .auto)
        #expect(configuration.onShutdown == .leave)
        #expect(configuration.logLevel == .info)
        #expect(configuration.shim == nil)
        #expect(configuration.startTerms.timeoutMax == nil)
        #expect(configuration.startTerms.logLimit == .standard)
        #expect(
            configuration.retention.policy(fileSystemSize: 50 << 30)
                == RetentionPolicy(age: .seconds(30 * 86_400), jobs: 10_000, totalBytes: 5 << 30))
        #expect(
            configuration.retention.policy(fileSystemSize: .max).totalBytes == 10 << 30)
    }

    @Test func `the state directory has a whole path, wherever the server was started`() throws {
        for (path, whole) in [("state", "/home/me/state"), ("/srv/state", "/srv/state")] {
            let configuration = try Configuration(
                flags: Self.required.merging([.stateDirectory: path]) { $1 })
            #expect(configuration.resolved(in: "/home/me").stateDirectory == whole)
            #expect(configuration.resolved(in: nil).stateDirectory == path)
        }
    }

    @Test func `what is kept can be bounded, or not`() throws {
        let bounded = try Configuration(
            flags: Self.required.merging([
                .retainAge: "1h", .retainJobs: "0", .retainBytes: "2G", .logsTotalMax: "3G",
            ]) { $1 })
        #expect(
            bounded.retention.policy(fileSystemSize: 1)
                == RetentionPolicy(
                    age: .seconds(3600), jobs: 0, bytes: 2 << 30, totalBytes: 3 << 30))
        let all = try Configuration(
            flags: Self.required.merging([
                .retainAge: "all", .retainJobs: "all", .retainBytes: "all", .logsTotalMax: "all",
            ]) { $1 })
        #expect(all.retention.policy(fileSystemSize: 1) == RetentionPolicy())
        for (setting, text) in [
            (Setting.retainAge, "1"), (.retainJobs, "-1"), (.retainBytes, "1X"),
            (.logsTotalMax, "some"), (.logMax, "63K"), (.logFull, "burst"),
        ] {
            #expect(throws: ConfigurationError.self) {
                try Configuration(flags: Self.required.merging([setting: text]) { $1 })
            }
        }
    }

    @Test(arguments: [
        [Setting.grantedTotal: "max-pids=100"], [.grantedPerTenant: "max-mem=1G max-read=1M"],
        [.startBurst: "5"], [.startBurstPerTenant: "5"],
        [.startRate: "1/h", .startBurst: "1000001"],
    ])
    func `a quota that would mean nothing is refused`(flags: [Setting: String]) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(flags: Self.required.merging(flags) { $1 })
        }
        guard case .invalid = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `the largest burst at the lowest rate can be counted`() throws {
        let flags: [Setting: String] = [
            .startRate: "1/h", .startBurst: "1000000", .grantedTotal: "max-cpu=400% max-mem=8G",
        ]
        let quota = try Configuration(flags: Self.required.merging(flags) { $1 }).quota
        #expect(quota.memory == 8 << 30 && quota.cpuMillis == 4000)
        let rate = try #require(quota.rate)
        #expect(rate.interval * rate.burst == .seconds(3_600_000_000))
    }

    @Test(arguments: [Setting.retainBytes, .logsTotalMax, .logMax, .imageMax, .scratchMax])
    func `every size is written in the same words`(setting: Setting) throws {
        for text in ["1.5g", "10MiB", "1048576"] {
            _ = try Configuration(flags: Self.required.merging([setting: text]) { $1 })
        }
        for text in ["", "0", "-1", "1X", "8388608T"] {
            #expect(throws: ConfigurationError.self) {
                try Configuration(flags: Self.required.merging([setting: text]) { $1 })
            }
        }
    }

    @Test func `a flag wins over the file, and the file over the default`() throws {
        let file = try ConfigurationFile(
            parsing: """
                listen: "[::1]:1234"
                on_shutdown: stop
                log_level: debug
                timeout_default: 1h30m
                timeout_max: 2d
                log_max: 100M
                log_full: stop
                """, file: "c.yaml")
        let flags = Self.required.merging([.listen: "127.0.0.1:0"]) { $1 }
        let configuration = try Configuration(flags: flags, file: file.values)
        #expect(configuration.listen == .loopback(port: 0))
        #expect(configuration.onShutdown == .stop)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.startTerms.timeoutDefault == .seconds(5400))
        #expect(configuration.startTerms.timeoutMax == .seconds(172_800))
        let limit = LogLimit(maxBytes: 100 << 20, whenFull: .stopJob)
        #expect(configuration.startTerms.logLimit == limit)
    }

    @Test func `isolated jobs have the users and the scratch space that are configured`() throws {
        let standard = try Configuration(flags: Self.required).sandbox
        #expect(standard.subIDBase == JobLimits().subIDBase)
        #expect(standard.scratchBytes == JobLimits().scratchBytes)
        let file = try ConfigurationFile(
            parsing: "sub_id_base: 200000\nscratch_max: 64M", file: "c.yaml")
        var limits = JobLimits()
        limits.obey(try Configuration(flags: Self.required, file: file.values).sandbox)
        #expect(limits.subIDBase == 200_000 && limits.scratchBytes == 64 << 20)
    }

    @Test func `a path in a file is relative to that file`() throws {
        let text = "cert: server.pem\nkey: /etc/keys/server.key\nlog_level: info"
        let file = try ConfigurationFile(parsing: text, file: "/etc/cmdctl/cmdctld.yaml")
        #expect(file.values[.certificate]?.text == "/etc/cmdctl/server.pem")
        #expect(file.values[.key]?.text == "/etc/keys/server.key")
        #expect(file.values[.logLevel]?.text == "info")
        let beside = try ConfigurationFile(parsing: text, file: "cmdctld.yaml")
        #expect(beside.values[.certificate]?.text == "server.pem")
    }

    @Test func `an empty file says nothing`() throws {
        #expect(try ConfigurationFile(parsing: "", file: "c.yaml").values.isEmpty)
        #expect(try ConfigurationFile(parsing: "# nothing\n", file: "c.yaml").values.isEmpty)
    }

    static let mistakes: [(text: String, sentence: String)] = [
        (
            "listen: 127.0.0.1:1\nlisten_adress: x",
            "c.yaml, line 2: unknown key \"listen_adress\"; the nearest known key is \"listen\""
        ),
        (
            "on-shutdown: stop",
            "unknown key \"on-shutdown\"; the nearest known key is \"on_shutdown\""
        ),
        ("clientca: x", "the nearest known key is \"client_ca\""),
        ("7: x", "unknown key \"7\""),
        ("[a]: x", "unknown key \"(a list)\""),
        ("state_dir: 7", "line 1: \"state_dir\" must be text, not a number"),
        ("cert: [a, b]", "\"cert\" must be text, not a list"),
        ("cert: {a: b}", "\"cert\" must be text, not a mapping"),
        ("key: true", "\"key\" must be text, not true or false"),
        ("\n\nshim:\n", "line 3: \"shim\" must be text, not empty"),
        ("- listen", "must hold lines of the form \"key: value\""),
        ("just words", "must hold lines of the form \"key: value\""),
        ("listen: a\nlisten: b", "the key \"listen\" stands there twice"),
        ("listen: [::1]:9090", "this is not YAML"),
        (
            "backend: fast",
            "c.yaml, line 1: \"backend\" is \"fast\"; it must be one of auto, epoll, io_uring"
        ),
        ("on_shutdown: kill", "it must be one of leave, stop"),
        ("log_level: loud", "it must be one of trace, debug, info"),
        ("timeout_max: 10", "\"timeout_max\" must be text, not a number"),
        ("timeout_max: 0s", "it must be a length of time, as 90s, 10m or 1h30m"),
        ("timeout_max: 99999999999999999999d", "it must be a length of time"),
        ("timeout_default: m", "it must be a length of time"),
        ("timeout_default: 1.5h", "it must be a length of time"),
        ("listen: localhost:9090", "it must be an IP address and a port, as 127.0.0.1:9090"),
        ("listen: 127.0.0.1:65536", "\"listen\" is \"127.0.0.1:65536\""),
        ("sub_id_base: 1000", "\"sub_id_base\" is \"1000\"; it must be a whole number from"),
        ("sub_id_base: 1879048193", "it must be a whole number from 65536 to 1879048192"),
        ("sub_id_base: 99999999999", "it must be a whole number from 65536 to 1879048192"),
        ("scratch_max: 1023K", "it must be a size of at least 1M, as 512M"),
        ("cert: ''\n", "\"cert\" is \"\"; it must be a path, and not empty"),
    ]

    @Test(arguments: mistakes)
    func `a mistake in the file is named with its place`(text: String, sentence: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            let file = try ConfigurationFile(parsing: text, file: "c.yaml")
            let flags = Self.required.filter { file.values[$0.key] == nil }
            _ = try Configuration(flags: flags, file: file.values)
        }
        #expect(error.sentence.contains(sentence), "\(error.sentence)")
        #expect(error.sentence.hasPrefix("c.yaml"), "\(error.sentence)")
    }

    @Test func `a mistake in a flag is named by the flag`() throws {
        let flags = Self.required.merging([.onShutdown: "maybe"]) { $1 }
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Configuration(flags: flags)
        }
        #expect(error.sentence == "--on-shutdown is \"maybe\"; it must be one of leave, stop")
    }

    @Test func `all that is missing is named at once`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Configuration(flags: [.key: "k"])
        }
        #expect(error == .missing([.certificate, .clientCA]))
        #expect(error.sentence.contains("--cert, --client-ca"))
    }

    @Test func `every setting has a flag of its name`() throws {
        let arguments = Setting.allCases.flatMap { [$0.flag, "value-of-\($0.rawValue)"] }
        let options = try Options.parse(arguments)
        for setting in Setting.allCases {
            #expect(options.settings[setting] == "value-of-\(setting.rawValue)")
        }
    }

    @Test func `a file that cannot be read is named with the reason`() throws {
        let options = try Options.parse(["--config", "/nowhere/cmdctld.yaml"])
        let error = try #require(throws: ConfigurationError.self) {
            _ = try options.configuration(of: LinuxKernel())
        }
        #expect(
            error.sentence.hasPrefix(
                "cannot read the configuration file /nowhere/cmdctld.yaml: No such file"))
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("listen", "listen", 0),
        ("listn", "listen", 1), ("lisetn", "listen", 2), ("key", "cert", 3), ("é", "e", 1),
    ])
    func `distance counts edits, both ways`(first: String, second: String, distance: Int) {
        #expect(editDistance(first, second) == distance)
        #expect(editDistance(second, first) == distance)
    }
}
