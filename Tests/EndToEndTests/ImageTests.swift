import Foundation
import Testing

/// Images from the command line to the job: a directory that holds busybox, and what becomes of it.
@Suite(.timeLimit(.minutes(10)))
struct ImageTests {
    /// Only root can have images; what others are told has a test of its own.
    ///
    /// What is mounted has a suite of its own.
    static let roots =
        geteuid() == 0 ? SampleRoot.Form.allCases.filter { $0 != .squashfs } : []

    let daemon: Daemon
    let admin: Identity

    init() throws {
        daemon = try Daemon()
        admin = try daemon.certificates.issue("root", role: "admin")
    }

    private var mounts: String {
        (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
    }

    @Test(arguments: roots)
    func `a job runs on an image, changes it for itself alone, and nothing is left`(
        form: SampleRoot.Form
    ) throws {
        let source = try SampleRoot(in: daemon.directory).packed(as: form)
        let imported = try daemon.cmdctl("image", "import", "box", source, as: admin)
        #expect(imported.code == 0 && imported.line == "box", "\(imported)")
        #expect(try daemon.cmdctl("image", "list", "-o", "name").lines == ["box"])

        let script =
            "id -u; echo mine > /etc/motd; touch /new; cat /etc/motd; test -e /usr; echo $?"
        let first = try daemon.cmdctl("run", "--follow", "--rootfs", "box", "--shell", script)
        #expect(first.lines == ["0", "mine", "1"], "\(first)")
        let second = try daemon.cmdctl(
            "run", "--follow", "--rootfs", "box", "--shell", "cat /etc/motd; test -e /new; echo $?")
        #expect(second.lines == ["the base", "1"], "\(second)")
        let base = "\(daemon.stateDirectory)/images/box/root"
        #expect(try String(contentsOfFile: "\(base)/etc/motd", encoding: .utf8) == "the base\n")
        #expect(!FileManager.default.fileExists(atPath: "\(base)/new"))
        #expect(!mounts.contains(daemon.directory.path))

        let missing = try daemon.cmdctl("run", "--rootfs", "box", "--", "/bin/nowhere")
        #expect(missing.code == 127 && missing.errorText.contains("not found in image 'box'"))

        #expect(try daemon.cmdctl("image", "rm", "box", as: admin).code == 0)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: "\(daemon.stateDirectory)/images")
        #expect(left.isEmpty, "\(left)")
    }

    @Test(arguments: roots.prefix(1))
    func `an image in use stays, over a restart too, and goes when its job has ended`(
        form: SampleRoot.Form
    ) throws {
        let source = try SampleRoot(in: daemon.directory).packed(as: form)
        #expect(try daemon.cmdctl("image", "import", "box", source, as: admin).code == 0)
        let job = try daemon.cmdctl(
            "run", "--rootfs", "box", "--shell", "while :; do read x < /dev/zero; done"
        ).line
        try daemon.restart(by: SIGKILL)
        let refused = try daemon.cmdctl("image", "rm", "box", as: admin)
        #expect(refused.code == 125 && refused.errorText.contains(job), "\(refused)")
        let list = try daemon.cmdctl("image", "list", "-o", "json")
        #expect(list.text.contains("\"jobCount\": 1"), "\(list)")
        #expect(try daemon.cmdctl("stop", "--grace", "0s", job).code == 0)
        #expect(try daemon.cmdctl("image", "rm", "box", as: admin).code == 0)
    }

    @Test func `only admins change images, and everybody is told what there is not`() throws {
        let archive = try daemon.directory.write("x", to: "x.tar")
        let refused = try daemon.cmdctl("image", "import", "x", archive)
        #expect(refused.code == 125 && refused.errorText.contains("Only admins"))
        #expect(try daemon.cmdctl("image", "rm", "x").errorText.contains("Only admins"))
        let missing = try daemon.cmdctl("run", "--rootfs", "x", "--", "true")
        #expect(missing.code == 125 && missing.errorText.contains("No image 'x'"), "\(missing)")
        let damaged = try daemon.cmdctl("image", "import", "x", archive, as: admin)
        #expect(damaged.code == 125 && damaged.errorText.contains("image"), "\(damaged)")
        #expect(try daemon.cmdctl("image", "list", "-o", "name").text == "")
        let gone = try daemon.cmdctl("image", "import", "x", "/no/such/file", as: admin)
        #expect(gone.code == 125 && gone.errorText.contains("/no/such/file"), "\(gone)")
    }
}

extension Daemon {
    /// Makes a root directory with one program in it, for an image; answers its path.
    func makeRootDirectory() throws -> String {
        try SampleRoot(in: directory).packed(as: .directory)
    }
}
