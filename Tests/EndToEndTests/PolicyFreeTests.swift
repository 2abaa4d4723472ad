import Foundation
import Testing

/// A daemon that is told nothing but its certificates, as README starts it: what README shows of it
/// holds, and what is for admins only is.
@Suite(.timeLimit(.minutes(10)))
struct PolicyFreeTests {
    /// Only then can a daemon shut jobs off as it likes, and have images.
    private let isRoot = geteuid() == 0

    let daemon: Daemon
    let admin: Identity

    init() throws {
        daemon = try Daemon(withoutPolicy: true)
        admin = try daemon.certificates.issue("operator", role: "admin")
    }

    /// A line of README's table, and what it ends with.
    struct Row {
        let words: [String]
        var code: Int32 = 0
        var lines: [String]?
    }

    static let rows = [
        Row(words: ["--env", "A=b", "--", "printenv", "A"], lines: ["b"]),
        Row(words: ["head", "-n1", "/proc/self/comm"], lines: ["head"]),
        Row(words: ["--shell", "echo a | wc -c"], lines: ["2"]),
        Row(words: ["--stdin-text", "hi", "--", "cat"], lines: ["hi"]),
        Row(words: ["--timeout", "100ms", "--", "sleep", "60"], code: 124, lines: []),
        Row(words: ["--", "sh", "-c", "echo out; echo err >&2; exit 7"], code: 7, lines: ["out"]),
        Row(words: ["--", "nowhere"], code: 127, lines: []),
    ]

    @Test(arguments: rows) func `anybody may run what README shows`(row: Row) throws {
        let finished = try daemon.start(["run", "--follow"] + row.words).finish()
        #expect(finished.code == row.code, "\(finished)")
        #expect(row.lines == nil || finished.lines == row.lines, "\(finished)")
    }

    @Test func `a job is checked without being started`() throws {
        let checked = try daemon.cmdctl("run", "--dry-run", "--", "make")
        #expect(checked.code == 0, "\(checked)")
        #expect(try daemon.cmdctl("list", "-o", "name").text == "")
    }

    @Test func `the host is for admins, unless it is what everybody gets`() throws {
        let look = "test -e \(daemon.directory.path("pki")); echo $?"
        let usual = try daemon.cmdctl("run", "--follow", "--shell", look)
        #expect(usual.lines == [isRoot ? "1" : "0"], "\(usual)")
        let words = ["run", "--follow", "--isolation", "host", "--shell", look]
        let asked = try daemon.start(words).finish()
        #expect(asked.code == (isRoot ? 125 : 0), "\(asked)")
        #expect(asked.errorText.contains("not allowed") == isRoot, "\(asked)")
        #expect(try daemon.start(words, as: admin).finish().lines == ["0"])
    }

    @Test func `an image is for everybody, and the server says whether there can be any`() throws {
        let root = try daemon.makeRootDirectory()
        let imported = try daemon.cmdctl("image", "import", "base", root, as: admin)
        let info = try daemon.cmdctl("version", "--server")
        #expect(info.text.contains("strict, image, host") == isRoot, "\(info)")
        #expect(imported.code == (isRoot ? 0 : 125), "\(imported)")
        guard isRoot else { return }
        for identity in [admin, daemon.alice] {
            let listed = try daemon.cmdctl(
                "run", "--follow", "--rootfs", "base", "--", "sh", "-c", "touch /x; echo /*",
                as: identity)
            #expect(listed.line.split(separator: " ").contains("/x"), "\(listed)")
            let missing = try daemon.cmdctl(
                "run", "--rootfs", "base", "--", "nowhere", as: identity)
            #expect(missing.code == 127, "\(missing)")
            #expect(missing.errorText.contains("not found in image 'base'"), "\(missing)")
        }
    }
}
