import Glibc
import ShimCore
import ShimProtocol
import Testing

/// Jobs whose root is an image: real ones, as root.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10)))
struct ImageTests {
    /// A directory with a shell, a few programs and what they are linked to.
    private final class Image {
        let path: String

        init() throws {
            path = "/tmp/cmdctl-image-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            let script = """
                set -e
                mkdir -p $0/bin $0/etc $0/root && cd /
                programs="/bin/sh /bin/cat /bin/ls /bin/stat /bin/touch /usr/bin/head"
                for file in $programs; do cp -L $file $0/bin/; done
                for library in $(ldd $programs | grep -o '/[^ ]*lib[^ :]*' | sort -u); do
                    cp -L --parents $library $0
                done
                echo here > $0/etc/mark
                """
            try run(["/bin/sh", "-c", script, path])
        }

        deinit {
            try? run(["/bin/rm", "-rf", path])
        }

        func run(shell line: String) throws {
            try ShimTests.run(["/bin/sh", "-c", "cd $0 && \(line)", path])
        }

        private func run(_ command: [String]) throws { try ShimTests.run(command) }
    }

    private let image: Image

    init() throws {
        image = try Image()
    }

    private func start(_ line: String) throws -> ShimProcess {
        var sandbox = SandboxPlan.specimen
        sandbox.root = .image(base: image.path)
        let shim = try ShimProcess(
            .shell(line, mergeOutput: true).inside(sandbox), mode: .namespace)
        #expect(shim.end() == .exited(0))
        if case .failed? = shim.report { Issue.record("\(String(describing: shim.report))") }
        return shim
    }

    private func output(of line: String) throws -> String { try start(line).text }

    @Test func `the root is the image, and its files are the job's`() throws {
        #expect(try output(of: "cat /etc/mark; stat -c %u:%g /etc/mark") == "here\n0:0\n")
        #expect(try output(of: "[ -e /usr/bin/perl ] || echo none") == "none\n")
    }

    @Test func `what a job changes is its own, and gone at its end`() throws {
        let line = "echo changed > /etc/mark; echo new > /new; cat /etc/mark /new"
        #expect(try output(of: line) == "changed\nnew\n")
        #expect(try output(of: "cat /etc/mark; [ -e /new ] || echo gone") == "here\ngone\n")
        #expect(access("\(image.path)/new", F_OK) != 0)
    }

    @Test func `what it may change is bounded`() throws {
        let shim = try start("head -c 20M /dev/zero > /big")
        #expect(shim.text.contains("No space left on device"))
    }

    @Test func `the kernel's files are as for every job`() throws {
        #expect(
            try output(of: "ls /dev/null /dev/shm /proc/self/comm; [ -e /proc/keys ] || echo no")
                == """
                /dev/null
                /proc/self/comm

                /dev/shm:
                no

                """)
        #expect(try output(of: "cat /etc/hostname") == "job\n")
    }

    /// Everything is put in its place from inside, where such a link leads to nothing of the host's.
    @Test func `links in an image lead nowhere else`() throws {
        let outside = try ScratchDirectory()
        try image.run(
            shell: "rm -r etc && ln -s \(outside.path) etc && ln -s \(outside.path) dev"
                + " && ln -s \(outside.path) proc && ln -s \(outside.path)/tmp tmp")
        var sandbox = SandboxPlan.specimen
        sandbox.root = .image(base: image.path)
        let shim = try ShimProcess(.shell("echo ran").inside(sandbox), mode: .namespace)
        _ = shim.end()
        guard case .failed(stage: .namespaces, _, _)? = shim.report else {
            Issue.record("\(String(describing: shim.report))")
            return
        }
        // A directory that has anything in it cannot be removed.
        #expect(rmdir(outside.path) == 0)
    }

    @Test func `a program that the image lacks is not found`() throws {
        var sandbox = SandboxPlan.specimen
        sandbox.root = .image(base: image.path)
        let shim = try ShimProcess(.running("perl").inside(sandbox), mode: .namespace)
        #expect(shim.report == .failed(stage: .execute, errno: ENOENT, detail: "perl"))
        _ = shim.end()
    }

    /// As when the server that had it mounted has ended.
    @Test func `an image that is not mounted is told, and not that the program is missing`() throws
    {
        try image.run(shell: "rm -r ./*")
        var sandbox = SandboxPlan.specimen
        sandbox.root = .image(base: image.path)
        let shim = try ShimProcess(.running("true").inside(sandbox), mode: .namespace)
        #expect(
            shim.report
                == .failed(
                    stage: .namespaces, errno: 0, detail: "nothing is mounted at \(image.path)"))
        _ = shim.end()
    }

    @Test func `nothing of it appears among the host's mounts`() throws {
        _ = try output(of: "cat /etc/mark")
        let file = try check(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        #expect(!String(decoding: readToEnd(file), as: UTF8.self).contains(image.path))
    }
}
