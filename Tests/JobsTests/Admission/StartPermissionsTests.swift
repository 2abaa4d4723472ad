import Testing

@testable import Jobs

/// What a policy lets through.
@Suite struct StartPermissionsTests {
    @Test(arguments: [
        ("/usr/bin/make", "/usr/bin/make", true), ("/usr/bin/make", "/usr/bin/makes", false),
        ("/opt/*", "/opt/a", true), ("/opt/*", "/opt/", true), ("/opt/*", "/opt/a/b", false),
        ("/opt/*/run", "/opt/a/run", true), ("/opt/*/run", "/opt/a/b/run", false),
        ("/opt/*-?", "/opt/a-b-c", true), ("/opt/?", "/opt/ab", false), ("/?", "//", false),
        ("*", "alice", true), ("ci-*", "ci-", true), ("ci-*", "xci-1", false),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("", "", true), ("", "a", false),
    ])
    func `patterns`(pattern: String, name: String, matches: Bool) {
        #expect(Pattern(pattern).matches(name.utf8) == matches)
    }

    private let builders = StartPermissions(
        rule: "builders", commands: [Pattern("/usr/bin/make"), Pattern("/opt/*")],
        allowsShell: false, images: [Pattern("debian-*")], isolations: [.strict, .image, .host],
        networks: [.none], users: ["www"])

    private func denial(_ specification: JobSpecification) -> PolicyDenial? {
        do throws(JobError) {
            try builders.check(specification)
        } catch {
            guard case .policyDenied(let denial) = error else { return nil }
            return denial
        }
        return nil
    }

    private func running(_ program: String) -> JobSpecification {
        JobSpecification(command: .program(program, arguments: []))
    }

    @Test(arguments: ["/usr/bin/make", "/opt/tool"])
    func `a program that is listed may be run`(program: String) {
        #expect(denial(running(program)) == nil)
    }

    @Test(arguments: [
        "/bin/sh", "make", "./make", "/opt/../bin/sh", "/opt/./tool", "/opt//tool", "/opt/",
        "/opt/..",
        "",
    ])
    func `what is not listed, or does not say where it leads, may not`(program: String) {
        let denial = denial(running(program))
        #expect(denial?.subject == .command)
        #expect(denial?.sentence.contains("'builders'") == true)
        #expect(denial?.sentence.contains("'/usr/bin/make'") == true)
    }

    @Test func `a shell is refused with the programs that are not`() {
        let denial = denial(JobSpecification(command: .shell("make")))
        #expect(denial?.subject == .shell)
        #expect(denial?.sentence.contains("'/opt/*'") == true)
    }

    @Test func `images, networks and users`() {
        var job = running("/opt/tool")
        job.isolation = .image
        job.image = "alpine"
        #expect(denial(job)?.subject == .image)
        job.image = "debian-12"
        #expect(denial(job) == nil)
        job.network = .private
        #expect(denial(job)?.subject == .network)
        job.isolation = .host
        job.image = nil
        #expect(denial(job)?.subject == .network)
        job.network = nil
        job.user = "root"
        #expect(denial(job)?.subject == .user)
        job.user = "www"
        #expect(denial(job) == nil)
    }

    @Test func `who may be no user is told where users come from`() {
        let denial = PolicyDenial(rule: nil, subject: .user, asked: "www", allowed: [])
        #expect(denial.sentence.contains("`cmdctl pki issue client --principal`"))
    }

    @Test func `an isolation that is not allowed is refused with those that are`() {
        let strict = StartPermissions(isolations: [.strict])
        #expect(throws: JobError.self) { try strict.check(running("/bin/true")) }
        let nothing = StartPermissions(isolations: [])
        let error = #expect(throws: JobError.self) { try nothing.check(running("/bin/true")) }
        #expect(error?.sentence.contains("Ask the server's administrator") == true)
    }
}
