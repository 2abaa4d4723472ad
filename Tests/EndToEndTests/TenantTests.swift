import Testing

/// Who sees which jobs.
///
/// A job of another tenant is answered exactly as one that does not exist: the test does everything
/// to both and compares. The same over the wire, byte by byte, is in Tests/EndToEnd/python.
@Suite(.timeLimit(.minutes(10)))
struct TenantTests {
    let daemon: Daemon
    let bob: Identity
    let admin: Identity

    init() throws {
        daemon = try Daemon()
        bob = try daemon.certificates.issue("bob", role: "user")
        admin = try daemon.certificates.issue("root", role: "admin")
    }

    static let verbs = [
        ["get-status"], ["get-output"], ["get-output", "--offset", "3"], ["stop"], ["kill"],
        ["kill", "-s", "CONT"], ["wait"], ["rm"],
    ]

    @Test(arguments: verbs)
    func `a foreign job cannot be told from a missing one`(verb: [String]) throws {
        let foreign = try daemon.runShell("echo secret; sleep 1000", flags: ["--name", "mine"])
        // The same moment in its first digits, so that a prefix of neither is special.
        let missing = String(foreign.dropLast(4)) + (foreign.hasSuffix("0000") ? "1111" : "0000")
        // What it writes shows in the list, so it has to be written first.
        #expect(try daemon.start(["get-output", foreign]).nextLine() == "secret")
        let before = try daemon.listing()

        let toForeign = try daemon.start(verb + [foreign], as: bob).finish()
        let toMissing = try daemon.start(verb + [missing], as: bob).finish()
        #expect(toForeign.code == toMissing.code && toForeign.code == 125, "\(toForeign)")
        #expect(toForeign.text == "" && toMissing.text == "")
        #expect(
            toForeign.errorText.replacing(foreign, with: "ID")
                == toMissing.errorText.replacing(missing, with: "ID"))
        // Nor by its name or by a prefix.
        for selector in ["mine", String(foreign.prefix(20)), "alice/mine"] {
            #expect(try daemon.start(verb + [selector], as: bob).finish().code == 125)
        }
        #expect(try daemon.listing() == before)
        #expect(try daemon.status(foreign).state == "JOB_STATE_RUNNING")
    }

    @Test func `lists hold one's own jobs, and an admin's all`() throws {
        let alices = try daemon.run(["true"])
        let bobs = try daemon.run(["true"], as: bob)
        #expect(try daemon.cmdctl("list", "-o", "name").lines == [alices])
        #expect(try daemon.cmdctl("list", "-o", "name", as: bob).lines == [bobs])
        #expect(try daemon.cmdctl("list", "-o", "name", as: admin).lines == [bobs, alices])
    }

    @Test func `an admin sees, follows and stops anyone's job`() throws {
        let job = try daemon.runShell("echo hello; sleep 1000")
        #expect(try daemon.status(job, as: admin).owner == "alice")
        #expect(try daemon.start(["get-output", job], as: admin).nextLine() == "hello")
        #expect(try daemon.cmdctl("stop", job, as: admin).code == 0)
        #expect(try daemon.ending(of: job).outcome == "STOPPED")
    }

    @Test func `names are each tenant's own, and an admin says whose`() throws {
        let alices = try daemon.run(["sleep", "1000"], flags: ["--name", "db"])
        let bobs = try daemon.run(["sleep", "1000"], flags: ["--name", "db"], as: bob)
        #expect(try daemon.status("db").id == alices)
        #expect(try daemon.status("db", as: bob).id == bobs)
        #expect(try daemon.status("alice/db", as: admin).id == alices)
        #expect(try daemon.status("bob/db", as: admin).id == bobs)
        let ambiguous = try daemon.cmdctl("get-status", "db", as: admin)
        #expect(ambiguous.code == 125, "\(ambiguous)")
        #expect(ambiguous.errorText.contains("/"), "it says how to choose: \(ambiguous)")
    }

    @Test func `the same name from another authority is another tenant`() throws {
        let other = try Certificates(in: daemon.directory.path("other"))
        let stranger = try other.issue("alice")
        let refused = try daemon.cmdctl(
            "list",
            as: Identity(
                certificate: stranger.certificate, key: stranger.key,
                authority: daemon.alice.authority))
        #expect(refused.code == 125, "\(refused)")
    }

    @Test func `only an admin shuts the server down`() throws {
        let refused = try daemon.cmdctl("shutdown", as: bob)
        #expect(refused.code == 125, "\(refused)")
        #expect(refused.errorText.contains("admin"), "\(refused)")
        #expect(try daemon.cmdctl("list").code == 0)
    }

    @Test(arguments: [("alice", "alice"), ("bob", "bob"), ("root", "root")])
    func `whoami is what the certificate says`(file: String, name: String) throws {
        let identity = Identity(
            certificate: daemon.certificates.directory + "/\(file).pem",
            key: daemon.certificates.directory + "/\(file).key", authority: daemon.alice.authority)
        let version = try daemon.cmdctl("version", "--server", as: identity)
        #expect(version.text.contains(name), "\(version)")
        #expect(version.text.contains("TLSv1.3"), "\(version)")
        #expect(version.text.contains("TLS_AES_256_GCM_SHA384"), "\(version)")
    }
}
