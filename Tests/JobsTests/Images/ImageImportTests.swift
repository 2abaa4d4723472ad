import Logging
import Reactor
import ShimProtocol
import Simulator
import Testing

@testable import Jobs

/// One import on a simulated machine, where a few lines play its processes: what comes of it when
/// the kernel refuses something, or when nobody wants it any more.
@Suite struct ImageImportTests {
    private final class Bench {
        private static let shimPath = "/shim"

        let machine = SimulatedMachine(seed: 1)
        let host: ImageHost
        private(set) var upload: ImageImport?
        private(set) var answers: [Result<Image, ImageError>] = []

        init() throws {
            let reactor = machine.makeReactor()
            machine.keepTrace()
            machine.install("/usr/bin/gzip") { _ in }
            machine.install(Self.shimPath, Self.play)
            let logger = Logger(label: "images", factory: { _ in SwiftLogNoOpLogHandler() })
            let directory = ImageDirectory(path: "/images", kernel: reactor.kernel)
            let null = HeldFile(try reactor.kernel.openFile("/dev/null", flags: .readWrite))
            let program = ImageProgram(shimPath: Self.shimPath, null: null, processID: 1)
            host = ImageHost(
                reactor: reactor, directory: directory, program: program,
                remover: ImageRemover(
                    reactor: reactor, directory: directory, program: program, logger: logger),
                limits: JobLimits(), logger: logger)
        }

        /// One that undoes a compression has no end of its own.
        private static let play: SimulatedProgram = { process in
            switch process.spawn.arguments.dropFirst().first.flatMap(ImageOrder.init) {
            case .unpack?:
                let report = UnpackReport.unpacked(byteCount: 4096).encoded()
                _ = try? process.write(report, to: ImageDescriptor.report)
                process.exit(code: 0)
            case .decompress?: process.after(.seconds(1)) { $0.exit(code: 0) }
            default: process.exit(code: 0)
            }
        }

        /// Lets an import come as far as to have all its bytes, which say that gzip made them.
        func receive() throws {
            let upload = ImageImport("base", .tar, on: host) { self.answers.append($0) }
            self.upload = upload
            upload.begin()
            upload.append([0x1F, 0x8B, 8, 0, 0, 0]) {}
            try machine.runUntilIdle()
        }

        func has(started order: ImageOrder) -> Bool {
            machine.trace.contains { $0.contains("is cmdctl-shim \(order.rawValue)") }
        }
    }

    /// However many descriptors are left when the processes are started.
    @Test(arguments: 0..<16)
    func `what cannot be started is told once, and nothing stays open`(left: Int) throws {
        let bench = try Bench()
        let before = bench.machine.openDescriptorCount
        try bench.receive()
        bench.machine.faults.descriptorsMax = bench.machine.openDescriptorCount + left
        bench.upload?.finish()
        try bench.machine.advance(by: .seconds(2))
        #expect(bench.answers.count == 1)
        #expect(bench.machine.openDescriptorCount == before)
        #expect(bench.machine.livingPrograms.isEmpty)
        if left == 15 { #expect(try bench.answers.first?.get().byteCount == 4096) }
    }

    @Test func `what is given up before it is unpacked is not unpacked`() throws {
        let bench = try Bench()
        try bench.receive()
        bench.upload?.finish()
        bench.upload?.fail(.stalled)
        try bench.machine.advance(by: .seconds(2))
        #expect(bench.answers == [.failure(.stalled)])
        #expect(bench.has(started: .remove))
        #expect(!bench.has(started: .unpack) && !bench.has(started: .decompress))
    }

    @Test func `an image that did not come to the disk has not come`() throws {
        let bench = try Bench()
        try bench.receive()
        bench.machine.faults.unsynchronizable = ["/images"]
        bench.upload?.finish()
        try bench.machine.advance(by: .seconds(2))
        #expect(throws: ImageError.self) { try bench.answers.first?.get() }
        #expect(try !bench.machine.kernel.list("/images").contains("base"))
    }

    @Test(arguments: [true, false])
    func `an image that cannot be removed stays mounted under its name`(isFaulty: Bool) throws {
        let bench = try Bench()
        let directory = bench.host.directory
        let image = Image(
            name: "base", format: .squashfs, byteCount: 1, createdAt: Timestamp(nanoseconds: 1),
            digest: "")
        for path in ["/images", "/images/base"] {
            try directory.kernel.makeDirectory(path, mode: 0o700)
        }
        if isFaulty { bench.machine.faults.unsynchronizable = ["/images"] }
        let result = Result { () throws(Errno) in try directory.hide(image, at: ".removed-1") }
        #expect(((try? result.get()) == nil) == isFaulty)
        #expect(try directory.kernel.list("/images") == [isFaulty ? "base" : ".removed-1"])
        // Not under the name that it keeps, nor before it has lost it.
        #expect(
            bench.machine.trace.map { $0.split(separator: " ", maxSplits: 1).last }
                == (isFaulty ? [] : ["/images/.removed-1/root is to be unmounted"]))
    }
}
