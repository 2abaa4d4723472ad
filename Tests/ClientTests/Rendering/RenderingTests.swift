import JobsAPI
import SwiftProtobuf
import Testing

@testable import Client

/// Answers in each form; the method is texts that can be compared by eye.
@Suite struct RenderingTests {
    @Test func `a list as a table`() throws {
        #expect(
            try SampleJobs.renderer(.table).jobs(SampleJobs.list) == """
                ID                                     NAME    STATUS       CREATED     COMMAND
                019aa3c1-5f0e-7c52-9f6e-3d1b0e6a8f21   build   running      1m30s ago   make -j4 'all tests'
                019aa3c1-0000-7c52-9f6e-3d1b0e6a8f21           failed (7)   2h ago      exit 7

                """)
    }

    @Test func `the address of a private network stands among the details`() throws {
        var job = SampleJobs.failed
        job.networkAddress = "10.211.0.5"
        #expect(try SampleJobs.renderer(.wide).job(job).contains("10.211.0.5\n"))
        #expect(try !SampleJobs.renderer(.table).job(job).contains("10.211.0.5"))
        let json = try SampleJobs.renderer(.json).job(job)
        #expect(json.contains(#""networkAddress": "10.211.0.5""#))
    }

    @Test func `a list for one who sees everybody's jobs`() throws {
        let text = try SampleJobs.renderer(.table).jobs(SampleJobs.list, withOwners: true)
        #expect(text.contains("CREATED     OWNER"), "\(text)")
        #expect(text.contains("2h ago      bob "), "\(text)")
        let wide = try SampleJobs.renderer(.wide).jobs(SampleJobs.list, withOwners: true)
        #expect(try wide == SampleJobs.renderer(.wide).jobs(SampleJobs.list))
    }

    @Test func `a list as a wide table`() throws {
        let text = try SampleJobs.renderer(.wide).jobs(SampleJobs.list)
        #expect(text.contains("1.5 KiB   app=web,team=b"))
        #expect(text.contains("1h ago   bob"))
    }

    @Test func `ids only`() throws {
        let text = try SampleJobs.renderer(.name).jobs(SampleJobs.list)
        #expect(text == SampleJobs.list.jobs.map { $0.id + "\n" }.joined())
    }

    @Test func `JSON is the protobuf mapping, and is read again`() throws {
        let text = try SampleJobs.renderer(.json).jobs(SampleJobs.list)
        #expect(try Cmdctl_V1_ListJobsResponse(jsonString: text) == SampleJobs.list)
        #expect(text.contains("\n      \"state\": \"JOB_STATE_RUNNING\",\n"))
        #expect(text.contains("\"createTime\": \"2026-11-21T00:28:30Z\""))
    }

    @Test func `one job as JSON is the job`() throws {
        let text = try SampleJobs.renderer(.json).job(SampleJobs.failed)
        #expect(try Cmdctl_V1_Job(jsonString: text) == SampleJobs.failed)
    }

    @Test func `one job as YAML`() throws {
        #expect(
            try SampleJobs.renderer(.yaml).job(SampleJobs.failed) == """
                id: 019aa3c1-0000-7c52-9f6e-3d1b0e6a8f21
                owner: bob
                spec:
                  command:
                    shell: exit 7
                  environment:
                    A: b c
                  workingDirectory: /srv
                state: JOB_STATE_EXITED
                outcome: JOB_OUTCOME_FAILED
                exitCode: 7
                createTime: "2026-11-20T22:30:00Z"
                startTime: "2026-11-20T22:30:00Z"
                endTime: "2026-11-20T23:30:00Z"
                usage:
                  userCpuTime: 61s
                  systemCpuTime: 0.005s
                  maxResidentBytes: "20971520"

                """)
    }

    @Test func `a text that YAML would take for something else stays in quotes`() throws {
        var job = Cmdctl_V1_Job()
        job.spec.labels = [
            "a": "true", "b": "1", "c": "", "d": "null", "e": "x: y", "f": "- z", "g": "plain",
        ]
        let text = try SampleJobs.renderer(.yaml).job(job)
        for line in [
            "a: \"true\"", "b: \"1\"", "c: \"\"", "d: \"null\"", "g: plain",
        ] {
            #expect(text.contains(line), "\(text)")
        }
        #expect(!text.contains("e: x: y"))
    }

    @Test func `one job as a table`() throws {
        #expect(
            try SampleJobs.renderer(.table).job(SampleJobs.failed) == """
                ID:          019aa3c1-0000-7c52-9f6e-3d1b0e6a8f21
                Owner:       bob
                State:       exited
                Outcome:     failed
                Exit code:   7
                Command:     exit 7
                Created:     2h ago
                Started:     2h ago
                Ended:       1h ago
                Output:      0 B

                """)
    }

    @Test func `one job as a wide table`() throws {
        let text = try SampleJobs.renderer(.wide).job(SampleJobs.failed)
        for line in [
            "Ended:         2026-11-20T23:30:00.000000000Z", "Directory:     /srv",
            "Environment:   A='b c'", "User CPU:      1m1s", "System CPU:    5ms",
            "Most memory:   20 MiB",
        ] {
            #expect(text.contains(line), "\(text)")
        }
    }

    @Test(arguments: [
        (Cmdctl_V1_Isolation.strict, Cmdctl_V1_Network.unspecified, ["strict", "none"]),
        (.strict, .private, ["strict", "private"]), (.host, .unspecified, ["host", "host"]),
        (.image, .none, ["image", "none"]), (.unspecified, .unspecified, []),
    ])
    func `what a job is shut off with is shown`(
        isolation: Cmdctl_V1_Isolation, network: Cmdctl_V1_Network, words: [String]
    ) throws {
        var job = SampleJobs.running
        job.spec.isolation = isolation
        job.spec.network = network
        let lines = try SampleJobs.renderer(.wide).job(job).split(separator: "\n")
        let shown = lines.filter { $0.hasPrefix("Isolation:") || $0.hasPrefix("Network:") }
        #expect(shown.compactMap { $0.split(separator: " ").last.map(String.init) } == words)
    }

    @Test func `a job's image and its user are shown`() throws {
        var job = SampleJobs.running
        job.spec.image = "base"
        job.spec.user = "www"
        let lines = try SampleJobs.renderer(.wide).job(job).split(separator: "\n")
        let facts = lines.map { $0.split(separator: " ").map(String.init) }
        #expect(facts.contains(["Image:", "base"]) && facts.contains(["User:", "www"]))
    }

    @Test func `numbers that no job can have are shown all the same`() throws {
        var odd = SampleJobs.failed
        odd.usage.userCpuTime = .init(seconds: .max, nanos: .max)
        odd.usage.systemCpuTime = .init(seconds: .min, nanos: .min)
        odd.usage.maxResidentBytes = .max
        odd.outputSize = .max
        odd.createTime = .init(seconds: .max, nanos: .max)
        odd.startTime = .init(seconds: .min, nanos: .min)
        odd.signal = .max
        for format in [OutputFormat.table, .wide, .name] {
            let renderer = SampleJobs.renderer(format)
            #expect(try renderer.job(odd).contains(odd.id))
            #expect(try renderer.jobs(.with { $0.jobs = [odd] }).contains(odd.id))
        }
    }

    @Test func `a verb says how each job ended`() throws {
        let text = try SampleJobs.renderer(.table).outcome([SampleJobs.running, SampleJobs.failed])
        #expect(
            text == """
                job build (019aa3c1-5f0e-7c52-9f6e-3d1b0e6a8f21) is running
                job 019aa3c1-0000-7c52-9f6e-3d1b0e6a8f21 has ended: failed (7)

                """)
        let one = try SampleJobs.renderer(.json).outcome([SampleJobs.failed])
        #expect(try Cmdctl_V1_Job(jsonString: one) == SampleJobs.failed)
        let two = try SampleJobs.renderer(.json).outcome(SampleJobs.list.jobs)
        #expect(try Cmdctl_V1_ListJobsResponse(jsonString: two).jobs.count == 2)
    }
}

/// The words for states and ends.
@Suite struct JobTextTests {
    @Test(arguments: [
        (ExitStatusTests.job(.succeeded, code: 0), "succeeded"),
        (ExitStatusTests.job(.failed, code: 7), "failed (7)"),
        (ExitStatusTests.job(.failed, signal: 11), "failed (SIGSEGV)"),
        (ExitStatusTests.job(.stopped, code: 0), "stopped (0)"),
        (ExitStatusTests.job(.killed, signal: 9), "killed (SIGKILL)"),
        (ExitStatusTests.job(.oomKilled, signal: 9), "oom-killed (SIGKILL)"),
        (ExitStatusTests.job(.timedOut), "timed-out"), (ExitStatusTests.job(.lost), "lost"),
        (ExitStatusTests.job(.startFailed), "start-failed"),
        (ExitStatusTests.job(.unspecified, state: .stopping), "stopping"),
        (ExitStatusTests.job(.UNRECOGNIZED(42), code: 1), "unknown-42 (1)"),
    ])
    func `a status is one word and how it ended`(job: Cmdctl_V1_Job, text: String) {
        #expect(job.statusText == text)
    }

    @Test func `every word is read again`() {
        for state in Cmdctl_V1_JobState.allCases.dropFirst() {
            #expect(Cmdctl_V1_JobState(text: state.text) == state)
        }
        for outcome in Cmdctl_V1_JobOutcome.allCases.dropFirst() {
            #expect(Cmdctl_V1_JobOutcome(text: outcome.text) == outcome)
        }
        #expect(Cmdctl_V1_JobState(text: "unspecified") == nil)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a b", "'a b'"), ("", "''"), ("it's", "'it'\\''s'"),
        ("$HOME", "'$HOME'"),
        ("--x=/y", "--x=/y"),
    ])
    func `commands are shown as one could type them`(text: String, quoted: String) {
        #expect(text.quoted == quoted)
    }

    @Test(arguments: [
        (UInt64(0), "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"),
        (10_240, "10 KiB"), (1_048_575, "1023 KiB"), (20 << 30, "20 GiB"), (.max, "15 EiB"),
    ])
    func `sizes have the largest unit that fits`(count: UInt64, text: String) {
        #expect(ByteCount.text(count) == text)
    }
}

/// Text for a terminal.
@Suite struct TextTableTests {
    @Test func `a job cannot steer the terminal it is listed on`() {
        var table = TextTable(header: ["A", "B"])
        table.append(["x\u{1b}[2J\n", "\u{202e}y\t"])
        #expect(table.text == "A              B\nx\\u{1b}[2J\\n   \\u{202e}y\\t\n")
    }

    @Test func `long texts end in an ellipsis`() {
        #expect("abcdef".shortened(to: 6) == "abcdef")
        #expect("abcdefg".shortened(to: 6) == "abcde…")
    }
}

/// JSON by hand; the method is to let somebody else read it.
@Suite struct JSONTextTests {
    @Test func `indenting changes white space only`() {
        let text = JSONText.indented(#"{"a":[],"b":{},"c":[1,{"d":"x,:{\"\\"}]}"#)
        #expect(
            text == """
                {
                  "a": [],
                  "b": {},
                  "c": [
                    1,
                    {
                      "d": "x,:{\\"\\\\"
                    }
                  ]
                }
                """)
    }

    @Test func `a literal is read again`() throws {
        let text = "q\"b\\n\nt\tz\u{0}é\u{1f600}"
        let value = try Google_Protobuf_Value(jsonString: JSONText.quoted(text))
        #expect(value.stringValue == text)
    }

    @Test func `a literal holds no control character`() {
        #expect(JSONText.quoted("\u{1b}\u{7f}\u{9b}") == #""\u001b\u007f\u009b""#)
    }
}
