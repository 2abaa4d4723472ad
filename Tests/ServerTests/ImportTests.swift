import Glibc
import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// Imports whose clients go silent or go away: nothing is left of them, and the next may come.
@Suite(.timeLimit(.minutes(10))) struct ImportTests {
    private static let path = "/cmdctl.v1.ImageService/ImportImage"
    /// Only root can have images; that others are refused is tested over real connections.
    private static let sent = geteuid() == 0 ? [0, 1, 100_000] : []

    private static func bench(patience: Duration = Limits.importPatience) throws -> MethodBench {
        let shim = try ShimProgram.find(nil, kernel: LinuxKernel())
        return try MethodBench(shimPath: shim, importPatience: patience)
    }

    /// The head of an import, and bytes behind it.
    private static func request(_ name: String, bytes: Int) throws -> [[UInt8]] {
        let head = Cmdctl_V1_ImportImageRequest.with {
            $0.head.name = name
            $0.head.format = .tar
        }
        let data = Cmdctl_V1_ImportImageRequest.with { $0.data = .init(repeating: 1, count: bytes) }
        return try ([head] + (bytes > 0 ? [data] : [])).map { try $0.serializedBytes() }
    }

    private static func files(of bench: MethodBench) -> [String] {
        (try? LinuxKernel().list("\(bench.directory.path)/images")) ?? []
    }

    @Test(arguments: sent)
    func `one that goes silent is given up`(bytes: Int) throws {
        let bench = try Self.bench(patience: .milliseconds(50))
        let admin = try bench.connect(as: "root", admin: true)
        let (call, answer) = bench.begin(
            Self.path, try Self.request("x", bytes: bytes), over: admin)
        try bench.turn { answer.status != nil }
        #expect(answer.status?.code == .deadlineExceeded)
        #expect(try answer.failure().info.reason == "IMPORT_STALLED")
        try bench.turn { Self.files(of: bench).isEmpty }
        try expectRoom(on: bench, admin)
        call.cancel()
    }

    @Test(arguments: sent)
    func `one whose client goes away leaves nothing`(bytes: Int) throws {
        let bench = try Self.bench()
        let admin = try bench.connect(as: "root", admin: true)
        let (call, _) = bench.begin(Self.path, try Self.request("x", bytes: bytes), over: admin)
        try bench.turn { !Self.files(of: bench).isEmpty }
        let second = try bench.call(Self.path, try Self.request("y", bytes: 0), over: admin)
        #expect(try second.failure().info.reason == "TOO_MANY_IMPORTS")
        call.cancel()
        try bench.turn { Self.files(of: bench).isEmpty }
        try expectRoom(on: bench, admin)
    }

    /// The next import is refused for what it is, and not for want of room.
    private func expectRoom(on bench: MethodBench, _ admin: GRPCClientConnection) throws {
        var reason = "TOO_MANY_IMPORTS"
        // The place is given back just after the last file has gone.
        while reason == "TOO_MANY_IMPORTS" {
            let next = try bench.call(Self.path, try Self.request("z", bytes: 7), over: admin)
            reason = try next.failure().info.reason
        }
        #expect(reason == "IMAGE_UNUSABLE")
    }
}
