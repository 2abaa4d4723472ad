import ArgumentParser
import Testing
import Transport

@testable import Client

/// Who wins when several places say where the server is; the method is a table.
@Suite struct ConnectionSettingsTests {
    static let stored = ContextFile(
        current: "one",
        contexts: [
            "one": Context(server: "one:1", cacert: "/1/ca", cert: "/1/c", key: "/1/k"),
            "two": Context(server: "two:2", cacert: "/2/ca", cert: "/2/c", key: "/2/k"),
        ])

    static func settings(
        _ flags: [String], _ environment: [String: String] = [:], contexts: ContextFile = stored
    ) throws -> ConnectionSettings {
        try ConnectionSettings(
            flags: try GlobalOptions.parse(flags), environment: environment,
            contexts: { () throws(Failure) in contexts })
    }

    @Test(
        arguments: [
            ([], [:], "one:1"),
            (["--server", "flag:3"], [:], "flag:3"),
            (["--server", "flag:3"], ["CMDCTL_SERVER": "env:4"], "flag:3"),
            ([], ["CMDCTL_SERVER": "env:4"], "env:4"),
            ([], ["CMDCTL_SERVER": ""], "one:1"),
            ([], ["CMDCTL_CONTEXT": "two"], "two:2"),
            (["--context", "two"], ["CMDCTL_SERVER": "env:4"], "two:2"),
            (["--context", "two", "--server", "flag:3"], [:], "flag:3"),
        ] as [([String], [String: String], String)])
    func `flag, named context, environment, current context`(
        flags: [String], environment: [String: String], server: String
    ) throws {
        #expect(try Self.settings(flags, environment).server.description == server)
    }

    @Test func `each of the four is looked for by itself`() throws {
        let settings = try Self.settings(["--cert", "c"], ["CMDCTL_KEY": "k"])
        #expect(settings.certificate == "c")
        #expect(settings.key == "k")
        #expect(settings.authority == "/1/ca")
    }

    @Test func `who says everything needs no stored context`() throws {
        let flags = ["--server", "h:1", "--cacert", "a", "--cert", "c", "--key", "k"]
        let settings = try ConnectionSettings(
            flags: try GlobalOptions.parse(flags), environment: [:],
            contexts: { () throws(Failure) in throw .local("the file is broken") })
        #expect(settings.server.description == "h:1")
    }

    @Test(arguments: [
        ([], "no file is named for the authority", "--cacert FILE, set CMDCTL_CACERT"),
        (["--cacert", "a"], "for your certificate", "--cert FILE"),
        (["--cacert", "a", "--cert", "c"], "for your private key", "--key FILE"),
    ])
    func `what is missing is named, with the ways to give it`(
        flags: [String], what: String, remedy: String
    ) {
        let failure = #expect(throws: Failure.self) {
            try Self.settings(flags, contexts: ContextFile())
        }
        #expect(failure?.exitStatus == .usage)
        #expect(failure?.description.contains(what) == true)
        #expect(failure?.description.contains(remedy) == true)
    }

    @Test func `what is stored holds wherever cmdctl is started`() throws {
        let settings = try Self.settings(["--cert", "c.pem", "--key", "/k"])
        let context = settings.context(in: "/home/me")
        #expect(context.cert == "/home/me/c.pem")
        #expect(context.key == "/k")
    }
}

/// Hosts and ports; the method is a table.
@Suite struct EndpointTests {
    @Test(arguments: [
        ("localhost:9090", "localhost", UInt16(9090)), ("10.0.0.7", "10.0.0.7", 9090),
        ("[::1]:80", "::1", 80), ("[::1]", "::1", 9090), ("h:65535", "h", 65535),
    ])
    func `reads a host and a port`(text: String, host: String, port: UInt16) throws {
        let endpoint = try Endpoint(ofServer: text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(try Endpoint(ofServer: endpoint.description) == endpoint)
    }

    @Test(arguments: [
        "", ":9090", "h:", "h:0", "h:65536", "::1", "::1:9090", "https://h:1", "a b:1", "[::1]x",
    ])
    func `says what to write instead of anything else`(text: String) {
        let failure = #expect(throws: Failure.self) { try Endpoint(ofServer: text) }
        #expect(failure?.description.contains("localhost:9090 or [::1]:9090") == true)
        #expect(failure?.exitStatus == .usage)
    }
}
