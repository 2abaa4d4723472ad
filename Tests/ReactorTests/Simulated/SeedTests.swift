import Reactor
import Simulator
import TestSupport
import Testing

/// A conversation under whatever faults a seed draws.
///
/// The goal is that short and delayed operations in any order lose, double or reorder nothing; the
/// method is an echo over a socket pair and a file that grows meanwhile, compared byte by byte.
@Suite(.timeLimit(.minutes(10))) struct SeedTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `every byte arrives once and in order`(seed: UInt64) throws {
        let echo = try Echo(seed: seed)
        try echo.run()
        #expect(echo.echoed == echo.bytes)
    }

    @Test(arguments: [3, 1415, 92_653] as [UInt64])
    func `the same seed gives the same run`(seed: UInt64) throws {
        let runs = try (0..<2).map { _ in
            let echo = try Echo(seed: seed)
            try echo.run()
            return echo.trace
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].count > 10)
    }
}

/// One end sends, the other sends back what it gets.
private final class Echo {
    let bytes: [UInt8]
    private(set) var echoed: [UInt8] = []
    /// The size of each step, in order.
    private(set) var trace: [Int] = []

    private let machine: Machine
    private let pair: SocketPair
    private let outgoing: Buffer
    private var failure: Errno?

    init(seed: UInt64) throws {
        machine = try Machine(.simulated, seed: seed, faults: .bearable(seed: seed))
        var random = SeededGenerator(seed: seed)
        bytes = (0..<20_000).map { _ in .random(in: 0...255, using: &random) }
        pair = try machine.kernel.makeSocketPair()
        outgoing = Buffer(bytes)
    }

    func run() throws {
        send(outgoing, from: pair.first.raw) {}
        returnWhatComes()
        collect()
        try machine.turn { failure != nil || echoed.count == bytes.count }
        if let failure { throw failure }
    }

    private func returnWhatComes() {
        let buffer = Buffer(capacity: 4096)
        step(.receive(pair.second.raw, into: buffer)) { [self] in
            send(buffer, from: pair.second.raw) { [self] in returnWhatComes() }
        }
    }

    private func collect() {
        let buffer = Buffer(capacity: 1000)
        step(.receive(pair.first.raw, into: buffer)) { [self] in
            echoed += buffer.bytes
            if echoed.count < bytes.count { collect() }
        }
    }

    private func send(_ buffer: Buffer, from raw: Int32, then: @escaping () -> Void) {
        step(.send(raw, from: buffer)) { [self] in
            buffer.readableCount > 0 ? send(buffer, from: raw, then: then) : then()
        }
    }

    private func step(_ operation: Operation, then: @escaping () -> Void) {
        machine.reactor.submit(operation) { [self] outcome in
            switch outcome {
            case .success(let count):
                trace.append(count)
                then()
            case .failure(let error): failure = error
            }
        }
    }
}
