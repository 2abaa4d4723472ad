import Glibc
import ShimCore
import ShimProtocol
import Testing

/// Which file is tried, and what its refusal means; as execvp(3).
struct ProgramSearchTests {
    private func search(_ program: String, path: String?) -> ProgramSearch {
        let variable = path.map { ShimPlan.Variable(name: "PATH", value: $0) }
        return ProgramSearch(
            program: program,
            environment: [.init(name: "OTHER", value: "/x")] + (variable.map { [$0] } ?? []))
    }

    @Test(
        arguments: [
            ("ls", "/bin:/usr/bin", ["/bin/ls", "/usr/bin/ls"]),
            ("ls", nil, ["/bin/ls", "/usr/bin/ls"]),
            ("ls", "", ["ls"]),
            ("ls", ":/bin:", ["ls", "/bin/ls", "ls"]),
            ("./ls", "/bin", ["./ls"]),
            ("/x/ls", "/bin", ["/x/ls"]),
            ("", "/bin", []),
        ] as [(String, String?, [String])])
    func `a name has its candidates`(program: String, path: String?, candidates: [String]) {
        #expect(search(program, path: path).candidates == candidates)
    }

    @Test func `the first PATH counts`() {
        let search = ProgramSearch(
            program: "ls",
            environment: [.init(name: "PATH", value: "/a"), .init(name: "PATH", value: "/b")])
        #expect(search.candidates == ["/a/ls"])
    }

    /// Tries all candidates with the given refusals and returns the last answer.
    private func outcome(of refusals: [Int32]) -> ProgramSearch.Next {
        let path = refusals.indices.map { "/\($0)" }.joined(separator: ":")
        var search = search("x", path: path)
        for (candidate, refusal) in zip(search.candidates, refusals) {
            let next = search.failed(candidate, errno: refusal)
            if next != .tryNext { return next }
        }
        return .giveUp(search.notFound)
    }

    private func failure(_ number: Int32, _ detail: String) -> ProgramSearch.Next {
        .giveUp(StartFailure(stage: .execute, errno: number, detail: detail))
    }

    @Test func `a refusal that means "not here" tries the next`() {
        let refusals = [ENOENT, ENOTDIR, ESTALE, ENODEV, ETIMEDOUT]
        #expect(outcome(of: refusals) == failure(ENOENT, "x"))
    }

    @Test func `a directory that PATH names twice ends the search neither time`() {
        var search = search("x", path: "/a:/b:/a")
        let answers = search.candidates.map { search.failed($0, errno: ENOENT) }
        #expect(answers == [.tryNext, .tryNext, .tryNext])
    }

    @Test func `permission denied is remembered over not found`() {
        #expect(outcome(of: [ENOENT, EACCES, EACCES, ENOENT]) == failure(EACCES, "/1/x"))
    }

    @Test(arguments: [E2BIG, ENOMEM, ETXTBSY, ELOOP, EINVAL])
    func `any other refusal ends the search`(number: Int32) {
        #expect(outcome(of: [EACCES, number, ENOENT]) == failure(number, "/1/x"))
    }

    @Test func `a file without a format is a script`() {
        #expect(outcome(of: [ENOENT, ENOEXEC]) == .runWithShell)
    }
}
