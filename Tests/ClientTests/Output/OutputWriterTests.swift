import Reactor
import Testing

@testable import Client

/// What is given to write comes out whole and in order, or the writer says why not.
@Suite(.timeLimit(.minutes(10))) struct OutputWriterTests {
    let streams: TestConsole

    init() throws {
        streams = try TestConsole()
    }

    @Test func `pieces are written one after the other, whichever stream they are for`() throws {
        var order: [Int] = []
        for index in 0..<6 {
            let stream: OutputStream = index % 2 == 0 ? .standardOutput : .standardError
            Array("\(index)".utf8).withUnsafeBytes { bytes in
                streams.writer.write(bytes, to: stream) { order.append(index) }
            }
        }
        try streams.console.flush()
        #expect(order == [0, 1, 2, 3, 4, 5])
        #expect(try streams.text(3, from: .standardOutput) == "024")
        #expect(try streams.text(3, from: .standardError) == "135")
    }

    @Test func `a slow reader holds what comes after it back, and the loop turns on`() throws {
        let large = [UInt8](repeating: 7, count: 1 << 20)
        var isWritten = false
        large.withUnsafeBytes { bytes in
            streams.writer.write(bytes, to: .standardOutput) { isWritten = true }
        }
        streams.writer.write("after", to: .standardError)
        var ticks = 0
        func tick() {
            ticks += 1
            streams.reactor.schedule(after: .milliseconds(1), tick)
        }
        tick()
        while ticks < 20 { try streams.reactor.turn() }
        #expect(!isWritten)
        #expect(!streams.writer.isDrained)
        #expect(try streams.read(large.count, from: .standardOutput) == large)
        #expect(try streams.text(5, from: .standardError) == "after")
        #expect(isWritten)
    }

    @Test(arguments: [OutputStream.standardOutput, .standardError])
    func `a reader that leaves ends it quietly`(stream: OutputStream) throws {
        streams.closeReader(of: stream)
        streams.writer.write("nobody reads this", to: stream)
        streams.writer.write("nor this", to: stream)
        let failure = #expect(throws: Failure.self) { try streams.console.flush() }
        #expect(failure == .outputClosed)
        #expect(failure?.exitStatus == .success)
        #expect(streams.writer.isDrained)
    }

    @Test func `another error is one`() throws {
        let reactor = try Reactor(choosing: .epoll)
        let kernel = reactor.kernel
        let full = try kernel.openFile("/dev/full", flags: .writeOnly)
        let writer = OutputWriter(reactor: reactor, standardOutput: full.raw)
        let console = Console(reactor: reactor, writer: writer, interruption: nil)
        writer.write("text", to: .standardOutput)
        let failure = #expect(throws: Failure.self) { try console.flush() }
        #expect(failure?.exitStatus == .ownFailure)
        #expect(failure?.description.contains("No space left on device") == true)
    }

    @Test func `what went wrong with one stream can be said on the other`() throws {
        streams.closeReader(of: .standardOutput)
        streams.writer.write("nobody reads this", to: .standardOutput)
        streams.writer.write("queued,", to: .standardError)
        #expect(throws: Failure.self) { try streams.console.flush() }
        streams.writer.write("said", to: .standardError)
        streams.writer.write("still nobody", to: .standardOutput)
        streams.console.drain()
        #expect(try streams.text(11, from: .standardError) == "queued,said")
        #expect(streams.writer.isDrained)
    }

    @Test func `what nobody takes can be given up without what was said`() throws {
        let large = [UInt8](repeating: 7, count: 1 << 20)
        large.withUnsafeBytes { streams.writer.write($0, to: .standardOutput) }
        streams.writer.write("left", to: .standardError)
        for _ in 0..<3 {
            streams.reactor.schedule(after: .zero) {}
            try streams.reactor.turn()
        }
        streams.writer.abandonData()
        try streams.console.flush()
        #expect(try streams.text(4, from: .standardError) == "left")
    }
}
