import Glibc
import ShimCore
import ShimProtocol
import Testing

/// What passes between a shim and the first process of its job's namespace.
struct LinkMessageTests {
    @Test(
        arguments: [
            .killEverything, .send(signal: 1, to: .leader), .send(signal: 64, to: .group),
        ] as [LinkCommand])
    func `a command is read as it was written`(command: LinkCommand) {
        #expect(LinkCommand(decoding: command.encoded) == command)
    }

    @Test(
        arguments: [
            .started(innerPID: 2), .started(innerPID: 4_194_304),
            .leaderEnded(.exited(code: 0)), .leaderEnded(.exited(code: 255)),
            .leaderEnded(.signaled(number: 64)),
            .failed(StartFailure(stage: .execute, errno: 2, detail: "/x")),
        ] as [LinkReport])
    func `a report is read as it was written`(report: LinkReport) {
        #expect(LinkReport(decoding: report.encoded) == report)
    }

    /// The empty message is how a link says that its other end is gone.
    @Test(
        arguments: [[], [9], [1], [1, 2], [2], [2, 1, 1], [3], [4], [4, 1, 2, 3]] as [[UInt8]])
    func `anything else is nothing`(message: [UInt8]) {
        #expect(LinkReport(decoding: message) == nil)
    }

    @Test(arguments: [[], [1], [3, 1], [0, 0], [1, 2, 3]] as [[UInt8]])
    func `any other command is none`(message: [UInt8]) {
        #expect(LinkCommand(decoding: message) == nil)
    }

    @Test(
        arguments: [
            (0, .exited(code: 0)), (0x0700, .exited(code: 7)), (0xFF00, .exited(code: 255)),
            (9, .signaled(number: 9)), (0x8B, .signaled(number: 11)),
        ] as [(Int32, ProcessEnd)])
    func `a wait status is read as its macros do`(status: Int32, end: ProcessEnd) {
        #expect(ProcessEnd(waitStatus: status) == end)
    }
}
