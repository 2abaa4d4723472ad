import Foundation
import TestSupport
import Testing

/// Images that are mounted, do not fit, or whose senders are gone; each daemon with a disk of its own.
@Suite(.timeLimit(.minutes(10)))
struct ImageImportTests {
    private static func disks(_ size: String) -> [SmallDisk] {
        PrivateDisk.sizes.isEmpty ? [] : [SmallDisk(path: "state/images", size: size)]
    }

    private func files(of daemon: Daemon) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(daemon.stateDirectory)/images")
    }

    @Test(arguments: disks("64m"))
    func `a squashfs is mounted for jobs, and goes without a trace`(disk: SmallDisk) throws {
        let daemon = try Daemon(disk: disk)
        let admin = try daemon.certificates.issue("root", role: "admin")
        let source = try SampleRoot(in: daemon.directory).packed(as: .squashfs)
        let imported = try daemon.cmdctl("image", "import", "box", source, as: admin)
        #expect(imported.code == 0 && imported.line == "box", "\(imported)")
        let script = "cat /etc/motd; echo mine > /etc/motd; cat /etc/motd"
        for _ in 1...2 {
            let job = try daemon.cmdctl("run", "--follow", "--rootfs", "box", "--shell", script)
            #expect(job.lines == ["the base", "mine"], "\(job)")
        }
        let mounts = "/proc/\(daemon.program.pid)/mountinfo"
        #expect(try String(contentsOfFile: mounts, encoding: .utf8).contains(" squashfs "))
        #expect(try daemon.cmdctl("image", "rm", "box", as: admin).code == 0)
        #expect(try !String(contentsOfFile: mounts, encoding: .utf8).contains(" squashfs "))
        #expect(try files(of: daemon) == [])
    }

    /// The first does not fit as it comes, the second only once it is unpacked.
    @Test(arguments: disks("1m"), ["tar", "tar.gz"])
    func `an image that does not fit is refused, and leaves nothing`(
        disk: SmallDisk, form: String
    ) throws {
        let daemon = try Daemon(disk: disk)
        let admin = try daemon.certificates.issue("root", role: "admin")
        let large = try archive(of: 3 << 20, form, in: daemon.directory)
        let refused = try daemon.cmdctl("-o", "json", "image", "import", "x", large, as: admin)
        #expect(refused.code == 125 && refused.errorText.contains("STORAGE_FULL"), "\(refused)")
        #expect(try files(of: daemon) == [])
        #expect(try daemon.cmdctl("image", "list", "-o", "name").text == "")
        let small = try archive(of: 1 << 10, form, in: daemon.directory)
        let imported = try daemon.cmdctl("image", "import", "x", small, as: admin)
        #expect(imported.code == 0, "\(imported)")
    }

    @Test(arguments: disks("256m"))
    func `a client that stands still and dies leaves nothing, and gives its place back`(
        disk: SmallDisk
    ) throws {
        let daemon = try Daemon(disk: disk)
        let admin = try daemon.certificates.issue("root", role: "admin")
        let endless = daemon.directory.path("endless")
        try FileManager.default.createDirectory(
            atPath: endless, withIntermediateDirectories: false)
        // It takes no space here, and more than the server has.
        try Data().write(to: URL(filePath: "\(endless)/zeros"))
        try #require(truncate("\(endless)/zeros", 1 << 40) == 0)
        let client = try daemon.start(["image", "import", "half", endless], as: admin)
        try wait("something comes in", daemon, as: admin) { try !files(of: daemon).isEmpty }
        client.signal(SIGSTOP)
        let small = try archive(of: 1 << 10, "tar", in: daemon.directory)
        let second = try daemon.cmdctl("-o", "json", "image", "import", "x", small, as: admin)
        #expect(second.errorText.contains("TOO_MANY_IMPORTS"), "\(second)")
        client.signal(SIGKILL)
        try wait("nothing is left", daemon, as: admin) { try files(of: daemon).isEmpty }
        let imported = try daemon.cmdctl("image", "import", "x", small, as: admin)
        #expect(imported.code == 0, "\(imported)")
    }

    /// Asks the daemon for something until it has come so far.
    private func wait(
        _ what: String, _ daemon: Daemon, as admin: Identity, _ condition: () throws -> Bool
    ) throws {
        let deadline = Deadline.generous
        while try !condition() {
            guard !deadline.isOver else { throw EndToEndFailure("in time: \(what)") }
            _ = try daemon.cmdctl("image", "list", as: admin)
        }
    }

    private func archive(
        of size: Int, _ form: String, in directory: TemporaryDirectory
    ) throws -> String {
        try Data(count: size).write(to: URL(filePath: directory.path("zeros")))
        let path = directory.path("\(size).\(form)")
        let words = ["-C", directory.path, "-caf", path, "zeros"]
        let tar = try RunningProgram(Spawn(path: "/usr/bin/tar", arguments: words)).finish()
        guard tar.code == 0 else { throw EndToEndFailure("\(tar)") }
        return path
    }
}
