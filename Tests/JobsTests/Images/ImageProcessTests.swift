import Glibc
import Reactor
import ShimProtocol
import Testing

@testable import Jobs

/// Processes that work on images, real ones, as root.
@Suite(.timeLimit(.minutes(10))) struct ImageProcessTests {
    /// Whose server ended before they could ask to be told of it.
    @Test(arguments: ImageStoreTests.isRoot ? [true, false] : [])
    func `they work for the server that started them only`(isOrphan: Bool) throws {
        let directory = try makeTemporaryDirectory()
        defer { try? removeTree(directory) }
        let reactor = try Reactor(choosing: .auto)
        let kernel = reactor.kernel
        try kernel.makeDirectory("\(directory)/x", mode: 0o700)
        let program = ImageProgram(
            shimPath: Workbench.shimPath,
            null: HeldFile(try kernel.openFile("/dev/null", flags: .readWrite)),
            processID: isOrphan ? 1 : getpid())
        let place = HeldFile(try kernel.openFile(directory, flags: [.readOnly, .directory]))
        var status: WaitStatus?
        let files = [ImageDescriptor.directory: place.descriptor.raw]
        let process = try ImageProcess(program.spawn(.remove, ["x"], files), reactor: reactor) {
            status = $0
        }
        while status == nil { try reactor.turn() }
        withExtendedLifetime(process) {}
        #expect(status == .exited(code: isOrphan ? 1 : 0))
        #expect(try kernel.list(directory) == (isOrphan ? ["x"] : []))
    }
}
