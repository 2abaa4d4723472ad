import Reactor
import Simulator
import TestSupport
import Testing

/// Receiving into buffers that are lent when something has come.
@Suite(.timeLimit(.minutes(10))) struct LoanTests {
    private let pool = BufferPool(bufferCapacity: 4096, keptAtMost: 4)

    @Test(arguments: MachineKind.all)
    func `who waits holds no buffer, and gets one with the bytes`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        let loan = BufferLoan(from: pool)
        for word in ["first", "second"] {
            var outcome: Outcome?
            machine.reactor.submit(.receiveLent(mine.raw, loan)) { outcome = $0 }
            #expect(loan.isVacant)
            try machine.complete(.send(theirs.raw, from: Buffer(word)))
            try machine.turn { outcome != nil }
            #expect(outcome == .success(word.utf8.count))
            let buffer = try #require(loan.take())
            #expect(buffer.text == word)
            pool.giveBack(buffer)
        }
    }

    @Test(arguments: MachineKind.all)
    func `the end of the stream lends nothing`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        machine.kernel.close(pair.second.release())
        let loan = BufferLoan(from: pool)
        #expect(try machine.complete(.receiveLent(mine.raw, loan)) == 0)
        #expect(loan.isVacant)
    }

    @Test(arguments: MachineKind.all)
    func `what nobody receives waits, and does not wake the loop`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let (mine, theirs) = (pair.first.release(), pair.second.release())
        let loan = BufferLoan(from: pool)
        var received: [String] = []
        func receive() throws {
            var outcome: Outcome?
            machine.reactor.submit(.receiveLent(mine, loan)) { outcome = $0 }
            try machine.turn { outcome != nil }
            let buffer = try #require(loan.take())
            received.append(buffer.text)
            pool.giveBack(buffer)
        }
        try machine.complete(.send(theirs, from: Buffer("first")))
        try receive()
        try machine.complete(.send(theirs, from: Buffer("second")))
        var turns = 0
        var isOver = false
        machine.reactor.schedule(after: .milliseconds(20)) { isOver = true }
        try machine.turn {
            turns += 1
            return isOver
        }
        #expect(turns < 8)
        try receive()
        #expect(received == ["first", "second"])
        [mine, theirs].forEach(machine.kernel.close)
    }

    @Test(arguments: MachineKind.all)
    func `a cancelled one lends nothing and takes nothing`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        let loan = BufferLoan(from: pool)
        var outcome: Outcome?
        let token = machine.reactor.submit(.receiveLent(mine.raw, loan)) { outcome = $0 }
        machine.reactor.cancel(token)
        try machine.turn { outcome != nil }
        #expect(outcome == .failure(.canceled) && loan.isVacant)
        try machine.complete(.send(theirs.raw, from: Buffer("x")))
        #expect(try machine.complete(.receive(mine.raw, into: Buffer(capacity: 9))) == 1)
    }

    @Test(arguments: MachineKind.all)
    func `more is received at a time than there are buffers ready`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let count = 200
        var theirs: [Int32] = []
        var words: [Int: String] = [:]
        for index in 0..<count {
            let pair = try machine.kernel.makeSocketPair()
            let mine = pair.first.release()
            theirs.append(pair.second.release())
            let loan = BufferLoan(from: pool)
            machine.reactor.submit(.receiveLent(mine, loan)) { _ in
                words[index] = loan.take()?.text
                machine.kernel.close(mine)
            }
        }
        for (index, raw) in theirs.enumerated() {
            machine.reactor.submit(.send(raw, from: Buffer("word \(index)"))) { _ in }
        }
        try machine.turn { words.count == count }
        for index in 0..<count { #expect(words[index] == "word \(index)") }
        theirs.forEach(machine.kernel.close)
    }

    @Test(arguments: MachineKind.all)
    func `what finds no buffer can still be cancelled`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let count = 100
        var pairs: [Int32] = []
        var outcomes: [Outcome] = []
        var tokens: [Token] = []
        for _ in 0..<count {
            let pair = try machine.kernel.makeSocketPair()
            let (mine, theirs) = (pair.first.release(), pair.second.release())
            pairs += [mine, theirs]
            machine.reactor.submit(.send(theirs, from: Buffer("x"))) { _ in }
            let loan = BufferLoan(from: pool)
            tokens.append(
                machine.reactor.submit(.receiveLent(mine, loan)) { outcome in
                    #expect((outcome == .success(1)) != loan.isVacant)
                    outcomes.append(outcome)
                })
        }
        try machine.reactor.turn()
        tokens.forEach(machine.reactor.cancel)
        try machine.turn { outcomes.count == count }
        #expect(outcomes.allSatisfy { $0 == .success(1) || $0 == .failure(.canceled) })
        pairs.forEach(machine.kernel.close)
    }
}
