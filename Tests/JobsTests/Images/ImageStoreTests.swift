import Glibc
import Jobs
import Reactor
import TestSupport
import Testing

/// Images on a real disk: what comes in whole, what hostile archives come to, and what a life that
/// was killed leaves.
@Suite(.timeLimit(.minutes(10)))
final class ImageStoreTests {
    /// Where other owners than one's own cannot be had, an import is refused, which is a test of its
    /// own.
    static let isRoot = geteuid() == 0

    let bench: Workbench

    init() throws {
        bench = try Workbench()
    }

    private var images: String { "\(bench.directory)/images" }

    /// What lies in the directory of images, hidden or not.
    private var names: [String] {
        ((try? LinuxKernel().list(images)) ?? []).sorted()
    }

    private func importing(
        _ name: String, _ bytes: [UInt8], _ format: Jobs.Image.Format = .tar, pieces: Int = 1000
    ) throws -> Result<Jobs.Image, ImageError> {
        var answer: Result<Jobs.Image, ImageError>?
        let upload = try bench.supervisor.images.beginImport(name, format) { answer = $0 }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            upload.append(Array(bytes[start..<min(start + pieces, bytes.count)])) {}
        }
        upload.finish()
        try bench.turn { answer != nil }
        return try #require(answer)
    }

    private func delete(_ name: String) throws -> Result<Void, JobError> {
        var answer: Result<Void, JobError>?
        bench.supervisor.deleteImage(name) { answer = $0 }
        try bench.turn { answer != nil }
        return try #require(answer)
    }

    private var honest: TarArchive {
        var archive = TarArchive()
        archive.add("bin/", type: "5", mode: "0000755")
        archive.add("bin/tool", Array("hello\n".utf8), mode: "0000755")
        archive.add("deep/down/file", Array("x".utf8), user: "0000005")
        archive.add("link", type: "2", link: "/etc")
        return archive
    }

    // MARK: Good ones

    @Test(arguments: isRoot ? [1, 7, 100_000] : [])
    func `an image is there with all its files, and gone without a trace`(pieces: Int) throws {
        let bytes = honest.finished
        let image = try importing("base", bytes, pieces: pieces).get()
        #expect(image.name == "base" && image.format == .tar)
        #expect(bench.supervisor.images.all == [image])
        #expect(names == ["base"])
        let kernel = LinuxKernel()
        let root = "\(images)/base/root"
        #expect(try kernel.contents(of: "\(root)/bin/tool", sizeMax: 100) == Array("hello\n".utf8))
        #expect(try kernel.status(at: "\(root)/bin/tool").mode == 0o755)
        #expect(try kernel.status(at: "\(root)/deep/down/file").uid == 5)
        #expect(try kernel.list("\(images)/base").sorted() == ["image.json", "root"])

        try bench.restart()
        #expect(bench.supervisor.images.all == [image])
        try delete("base").get()
        #expect(bench.supervisor.images.all.isEmpty)
        #expect(names.isEmpty)
    }

    @Test(arguments: isRoot ? ["base", "other"] : [])
    func `a name is taken once`(second: String) throws {
        _ = try importing("base", honest.finished).get()
        if second == "base" {
            #expect(throws: JobError.image(.exists(name: "base"))) {
                try importing(second, honest.finished)
            }
        } else {
            _ = try importing(second, honest.finished).get()
        }
    }

    @Test(arguments: isRoot ? [".x", "a/b", ""] : [])
    func `a name that is none is refused before anything is made`(name: String) throws {
        #expect(throws: JobError.self) { try importing(name, honest.finished) }
        #expect(names.isEmpty)
    }

    @Test func `without privileges there are no images, and that is said`() throws {
        guard !Self.isRoot else { return #expect(bench.supervisor.images.all.isEmpty) }
        #expect(throws: JobError.self) { try importing("base", honest.finished) }
    }

    // MARK: Hostile ones

    struct Attack: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let archive: TarArchive
        /// What the sentence says; nil if it comes in, disarmed.
        let refusal: String?

        init(_ title: String, refusal: String?, _ make: (inout TarArchive) -> Void) {
            testDescription = title
            var archive = TarArchive()
            make(&archive)
            self.archive = archive
            self.refusal = refusal
        }
    }

    static let attacks = [
        Attack("climbs out", refusal: "leads out") { $0.add("../../evil", Array("x".utf8)) },
        Attack("writes through a link out", refusal: nil) {
            $0.add("out", type: "2", link: "/tmp")
            $0.add("tmp/", type: "5")
            $0.add("out/evil-through-link", Array("x".utf8))
        },
        Attack("writes through a chain of links", refusal: nil) {
            $0.add("a/", type: "5")
            $0.add("a/up", type: "2", link: "../../../../../..")
            $0.add("a/up/evil-through-chain", Array("x".utf8))
        },
        Attack("links a file of the host", refusal: "cannot be made") {
            $0.add("shadow", type: "1", link: "etc/shadow")
        },
        Attack("has devices", refusal: nil) {
            $0.add("disk", type: "4")
            $0.add("kmem", type: "3")
            $0.add("file")
        },
        Attack("has holes", refusal: "sparse") { $0.add("holes", type: "S") },
        Attack("is longer than it is", refusal: "larger than") {
            $0.addRecords([("size", "99999999999999")])
            $0.add("big")
        },
        Attack("puts a directory where a file is", refusal: nil) {
            $0.add("x", Array("file".utf8))
            $0.add("x/", type: "5")
            $0.add("x/y")
        },
        Attack("has a name longer than any", refusal: "cannot be made") {
            $0.addRecords([("path", String(repeating: "n", count: 300))])
            $0.add("x")
        },
        Attack("nests deeper than a path is long", refusal: "cannot be made") {
            $0.addRecords([("path", String(repeating: "d/", count: 3000) + "x")])
            $0.add("x")
        },
        Attack("holds nothing", refusal: "nothing in it") { _ in },
    ]

    @Test(arguments: isRoot ? attacks : [])
    func `an archive that`(_ attack: Attack) throws {
        let result = try importing("evil", attack.archive.finished)
        switch (result, attack.refusal) {
        case (.success, nil):
            try delete("evil").get()
        case (.failure(let error), let refusal?):
            #expect(error.sentence.contains(refusal), "\(error.sentence)")
        default: Issue.record("\(result)")
        }
        #expect(names.isEmpty)
        for name in ["evil", "tmp/evil-through-link", "evil-through-chain"] {
            #expect(access("/\(name)", F_OK) != 0)
        }
    }

    @Test(arguments: isRoot ? [1] : [])
    func `links let nobody nest so deep that it cannot be removed`(_: Int) throws {
        var archive = TarArchive()
        let step = String(repeating: "d/", count: 40)
        // Each link leads farther down than the last; no path through it is long.
        archive.addRecords([("path", step)])
        archive.add("x", type: "5")
        archive.add("l1", type: "2", link: step)
        archive.addRecords([("path", "l1/\(step)")])
        archive.add("x", type: "5")
        archive.add("l2", type: "2", link: "l1/\(step)")
        archive.addRecords([("path", "l2/\(step)")])
        archive.add("x", type: "5")
        _ = try importing("deep", archive.finished).get()
        try delete("deep").get()
        #expect(names.isEmpty)
    }

    // MARK: Broken off

    @Test(arguments: isRoot ? [0, 700] : [])
    func `an import that is given up leaves nothing`(sent: Int) throws {
        var answer: Result<Jobs.Image, ImageError>?
        let upload = try bench.supervisor.images.beginImport("half", .tar) { answer = $0 }
        if sent > 0 { upload.append(Array(honest.finished.prefix(sent))) {} }
        upload.fail(.stalled)
        try bench.turn { answer != nil }
        #expect(throws: ImageError.stalled) { try answer?.get() }
        #expect(names.isEmpty)
        // The name is free again.
        _ = try importing("half", honest.finished).get()
    }

    @Test(arguments: isRoot ? [1] : [])
    func `what a life that was killed left is swept by the next`(_: Int) throws {
        _ = try importing("kept", honest.finished).get()
        let upload = try bench.supervisor.images.beginImport("half", .tar) { _ in }
        var isWritten = false
        upload.append(honest.finished) { isWritten = true }
        try bench.turn { isWritten }
        #expect(names.count == 2)
        try LinuxKernel().makeDirectory("\(images)/.removed-00", mode: 0o700)
        try bench.restart()
        try bench.turn { names == ["kept"] }
        #expect(bench.supervisor.images.all.map(\.name) == ["kept"])
    }

    @Test(arguments: isRoot ? [1] : [])
    func `one import at a time, and the next when that has ended`(_: Int) throws {
        var answer: Result<Jobs.Image, ImageError>?
        let upload = try bench.supervisor.images.beginImport("one", .tar) { answer = $0 }
        #expect(throws: JobError.image(.tooManyImports)) {
            try importing("two", honest.finished)
        }
        upload.fail(.stalled)
        try bench.turn { answer != nil }
        _ = try importing("two", honest.finished).get()
    }

    // MARK: Jobs

    @Test func `a job on an image that is not there is refused, with those that are`() throws {
        var specification = JobSpecification(command: .shell("true"), isolation: .image)
        specification.image = "missing"
        let result = try bench.tryToStart(specification)
        guard case .failure(.image(.notFound(let name, let available))) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(name == "missing" && available.isEmpty)
    }

    @Test(arguments: isRoot ? [1] : [])
    func `a job that waited over a restart is told that its image is not there any more`(
        _: Int
    ) throws {
        let bench = try Workbench(quota: StartQuota(running: 1))
        try place("debian-12", in: bench)
        try bench.restart()
        let first = try bench.start(shell: "sleep 1000")
        var specification = JobSpecification(command: .shell("true"), isolation: .image)
        specification.image = "debian-12"
        let second = try bench.start(specification)
        #expect(second.state == .queued)
        try bench.endLife()
        try #require(unlink("\(bench.directory)/images/debian-12/image.json") == 0)
        try bench.beginLife()
        _ = try bench.stop(try bench.now(first), grace: .zero)
        let again = try bench.now(second)
        try bench.waitForEnd(of: again)
        #expect(again.outcome == .startFailed)
        #expect(again.startFailure?.sentence.contains("image 'debian-12'") == true)
    }

    @Test func `who asks for an image that is missing learns only of those it may have`() throws {
        try place("debian-12")
        try place("secret")
        try bench.restart()
        #expect(try named(to: [Pattern("debian-*")]) == ["debian-12"])
        #expect(try named(to: [Pattern("debian-13")]) == [])
        #expect(try named(to: nil) == ["debian-12", "secret"])
    }

    /// The images that a refusal names to one whom the policy grants these patterns.
    private func named(to patterns: [Pattern]?) throws -> [String] {
        var specification = JobSpecification(command: .shell("true"), isolation: .image)
        specification.image = "debian-13"
        let terms = StartTerms(permissions: StartPermissions(images: patterns))
        let result = try bench.tryToStart(specification, terms: terms)
        guard case .failure(.image(.notFound(_, let available))) = result else {
            Issue.record("\(result)")
            return []
        }
        return available.sorted()
    }

    /// An image of which there is nothing but its metadata.
    private func place(_ name: String, in bench: Workbench? = nil) throws {
        let images = "\((bench ?? self.bench).directory)/images"
        let directory = "\(images)/\(name)"
        mkdir(images, 0o700)
        try #require(mkdir(directory, 0o700) == 0)
        let file = try #require(fopen("\(directory)/image.json", "w"))
        fputs(#"{"version":1,"format":"tar","size":1,"createdAt":1,"sha256":""}"#, file)
        fclose(file)
    }
}
