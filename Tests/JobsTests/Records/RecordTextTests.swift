import Testing

@testable import Jobs

/// The texts within a record: readable by people and by other versions, and never trusted.
@Suite struct RecordTextTests {
    @Test func `a specification is plain JSON without what has its default`() {
        let small = JobSpecification(command: .program("ls", arguments: ["-l"]))
        #expect(
            small.json
                == #"{"command":["ls","-l"],"workingDirectory":"/","isolation":"host"}"#)
        let large = JobSpecification(
            command: .shell("a\n\"b\""), name: "n", environment: ["B": "2", "A": "1"],
            workingDirectory: "/w", labels: ["l": ""], mergeOutput: true)
        #expect(
            large.json == #"{"shell":"a\u000a\"b\"","name":"n","environment":{"A":"1","B":"2"},"#
                + #""workingDirectory":"/w","labels":{"l":""},"mergeOutput":true,"#
                + #""isolation":"host"}"#)
        #expect(JobSpecification(json: large.json) == large)
    }

    @Test func `bounds come back as they were`() {
        let bounded = JobSpecification(
            command: .shell("true"), isolation: .image, image: "debian", user: "www",
            network: .private,
            limits: ResourceLimits(
                cpuMillis: 500, cpuWeight: 10, memoryMax: .max, memoryHigh: 0, swapMax: 1,
                pidsMax: .max, cpus: "0-1",
                io: [
                    .init(device: "8:0", readBytes: 1, writeBytes: 2, reads: 3, writes: 4), .init(),
                ]),
            timeout: .nanoseconds(1_500_000_000),
            logLimit: LogLimit(maxBytes: 1 << 20, whenFull: .stopJob))
        #expect(JobSpecification(json: bounded.json) == bounded)
        #expect(bounded.json.hasSuffix(#""logLimit":{"maxBytes":1048576,"whenFull":"stopJob"}}"#))
    }

    @Test func `what a later version added is passed over`() {
        let json = """
            { "later": {"a": [1, -2.5e3, null, {"b": []}], "c": "\\u00e9"}, "command" : ["ls"],
              "also": true, "list": [], "workingDirectory": "\\/\\ud83d\\ude00\\t\\b\\f\\r\\n" }
            """
        let expected = JobSpecification(
            command: .program("ls", arguments: []), workingDirectory: "/😀\t\u{8}\u{C}\r\n")
        #expect(JobSpecification(json: json) == expected)
    }

    @Test func `a text that was cut describes no job`() {
        let json = JobSpecification(
            command: .shell("é\u{1}"), name: "n", environment: ["A": "1"], mergeOutput: true
        ).json
        for length in 0..<json.utf8.count {
            let cut = String(decoding: Array(json.utf8.prefix(length)), as: UTF8.self)
            #expect(JobSpecification(json: cut) == nil, "\(cut)")
        }
    }

    @Test(arguments: [
        "{}", "[]", "null", #"{"command":[]}"#, #"{"command":["a"],"name":1}"#,
        #"{"command":["a"],"isolation":"moon"}"#, #"{"command":["a"]} x"#,
        #"{"command":["\ud83d"]}"#, #"{"command":["\udc00\ud83d"]}"#, #"{"command":["\x"]}"#,
        #"{"command":["a",]}"#, #"{"command":["a"]"mergeOutput":true}"#,
        #"{"command":["a"],"mergeOutput":1}"#, #"{"command":["a"],"timeout":-1.5}"#,
        #"{"command":["a"],"limits":{"pidsMax":4294967296}}"#,
        #"{"command":["a"],"limits":{"io":{}}}"#, #"{"command":["a"],"network":"moon"}"#,
        #"{"command":["a"],"logLimit":{"whenFull":"x"}}"#,
        #"{"command":["a"],"x":"# + String(repeating: "[", count: 100_000) + "}",
    ])
    func `nonsense describes no job`(json: String) {
        #expect(JobSpecification(json: json) == nil)
    }

    @Test func `bytes stand as people can read them, and come back as they were`() {
        #expect(ColumnText.encoded(Array("älice".utf8)) == "älice")
        #expect(ColumnText.encoded(Array("100 %".utf8)) == "100 %25")
        #expect(ColumnText.encoded([0xFF, 0x41, 0]) == "%ffA%00")
        for byte in UInt8.min...UInt8.max {
            for bytes in [[byte], [0x41, byte, 0xC3], Array("é".utf8) + [byte]] {
                #expect(ColumnText.decoded(ColumnText.encoded(bytes)) == bytes)
                #expect(ColumnText.bytes(ofHexadecimal: ColumnText.hexadecimal(bytes)) == bytes)
            }
        }
        #expect(ColumnText.decoded("%4") == nil)
        #expect(ColumnText.decoded("%zz") == nil)
        #expect(ColumnText.bytes(ofHexadecimal: "abc") == nil)
        #expect(ColumnText.bytes(ofHexadecimal: "zz") == nil)
    }
}
