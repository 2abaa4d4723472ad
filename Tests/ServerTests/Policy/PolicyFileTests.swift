import Jobs
import Testing

@testable import Server

/// The policy file: what it may say, and every way of getting it wrong.
@Suite struct PolicyFileTests {
    static let example = """
        rules:
          - name: operators
            roles: [admin]
            isolation: [strict, image, host]
            users: ["*"]
          - name: builders
            tenants: [alice, "ci-*"]
            commands: [/usr/bin/make, "/opt/build/*"]
            shell: false
            images: ["debian-*"]
            isolation: [strict, image]
            networks: [none]
            timeout_default: 10m
            timeout_max: 1h
            limits: max-cpu=200% max-mem=2G
            log_max: 100M
            quotas:
              running: 4
              queued: 50
              rate: 100/m
              burst: 20
              granted: max-cpu=400% max-mem=4G
        defaults:
          timeout_max: 2h
          quotas:
            running: 2
        """

    @Test func `a file says what it says`() throws {
        let file = try PolicyFile(parsing: Self.example, file: "p.yaml")
        #expect(file.rules.map(\.name) == ["operators", "builders"])
        let builders = file.rules[1].grants
        #expect(builders.commands == [Pattern("/usr/bin/make"), Pattern("/opt/build/*")])
        #expect(builders.shell == false)
        #expect(builders.isolations == [.strict, .image])
        #expect(builders.networks == [JobSpecification.Network.none])
        #expect(builders.timeoutDefault == .seconds(600))
        #expect(builders.limits == ResourceLimits(cpuMillis: 2000, memoryMax: 2 << 30))
        #expect(builders.logMax == 100 << 20)
        #expect(builders.quota.memory == 4 << 30)
        #expect(builders.quota.cpuMillis == 4000)
        #expect(
            builders.quota.rate == StartRate(interval: .milliseconds(600), burst: 20))
        #expect(file.defaults.timeoutMax == .seconds(7200))
        #expect(file.defaults.quota.running == 2)
    }

    @Test func `an empty file says nothing`() throws {
        let file = try PolicyFile(parsing: "# nothing\n", file: "p.yaml")
        #expect(file.rules.isEmpty && file.defaults.commands == nil)
    }

    static let mistakes: [(text: String, sentence: String)] = [
        ("rulez: []", "p.yaml, line 1: the policy has no key \"rulez\"; did you mean \"rules\"?"),
        ("rules: {}", "p.yaml, line 1: rules must be a list, as [a, b]"),
        (
            "rules:\n  - tennants: [a]",
            "line 2: a rule has no key \"tennants\"; did you mean \"tenants\"?"
        ),
        ("rules:\n  - tenants: a", "line 2: tenants must be a list, as [a, b]"),
        ("rules:\n  - tenants: [7]", "line 2: each of tenants must be text; put quotes around it"),
        ("rules:\n  - roles: [root]", "each of roles must be one of user, admin"),
        ("rules:\n\n  - commands: [make]", "line 3: each of commands must be an absolute path"),
        ("rules:\n  - shell: 1", "line 2: shell must be true or false"),
        ("rules: [a]", "a rule must be lines of the form \"key: value\""),
        ("defaults:\n  name: x", "line 2: the defaults has no key \"name\""),
        ("defaults:\n  isolation: [jail]", "each of isolation must be one of host, strict, image"),
        ("defaults:\n  networks: [lan]", "each of networks must be one of none, private, host"),
        ("defaults:\n  timeout_max: 10", "timeout_max must be a length of time, as 90s"),
        ("defaults:\n  log_max: 63K", "log_max must be a number of bytes, as 100M or 1G, and at"),
        ("defaults:\n  limits: max-mem=lots", "limits must be limits such as"),
        (
            "defaults:\n  quotas: {runnning: 1}",
            "quotas has no key \"runnning\"; did you mean \"running\"?"
        ),
        ("defaults:\n  quotas: {running: -1}", "running must be a whole number, 0 or more"),
        ("defaults:\n  quotas: {rate: 10}", "rate must be a number for a time, as 10/s"),
        ("defaults:\n  quotas: {rate: 10/d}", "rate must be a number for a time, as 10/s"),
        ("defaults:\n  quotas: {rate: 10/s, burst: 0}", "burst must be a whole number from 1 to"),
        ("defaults:\n  quotas: {rate: 1/h, burst: 1000001}", "burst must be a whole number from 1"),
        ("defaults:\n  quotas: {granted: max-read=1M}", "granted must be limits that add up"),
        ("defaults:\n  quotas: {granted: max-mem=1G max-pids=9}", "granted must be limits that"),
        ("defaults:\n  quotas: {burst: 5}", "burst needs a rate beside it"),
        ("rules: []\nrules: []", "the key \"rules\" stands there twice; remove one"),
        ("rules: [", "this is not YAML"),
        ("just words", "the policy must be lines of the form \"key: value\""),
    ]

    @Test(arguments: mistakes)
    func `a mistake is named with its place`(text: String, sentence: String) throws {
        let problem = try #require(throws: PolicyProblem.self) {
            try PolicyFile(parsing: text, file: "p.yaml")
        }
        #expect(problem.sentence.contains(sentence), "\(problem.sentence)")
        #expect(problem.sentence.hasPrefix("p.yaml"))
    }
}
