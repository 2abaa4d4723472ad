import Testing

@testable import Jobs

/// Samples of what jobs take: who asks at the same time is answered together.
///
/// Reads are answered by hand, with the number of the read as the memory that a group takes.
@Suite struct UsageSamplingTests {
    private final class Groups {
        private(set) var reads: [[String]] = []
        private var answers: [([ControlGroupUsage]) -> Void] = []

        func read(_ paths: [String], _ then: @escaping ([ControlGroupUsage]) -> Void) {
            reads.append(paths)
            answers.append(then)
        }

        /// Answers the read that is under way.
        func answer() {
            let usage = ControlGroupUsage { $0 == "job/memory.current" ? "\(reads.count)\n" : "" }
            answers.removeFirst()(reads[reads.count - 1].map { _ in usage })
        }
    }

    private let groups = Groups()
    private let sampling: UsageSampling

    init() {
        sampling = UsageSampling(groupsPerRead: 2) { [groups] in groups.read($0, $1) }
    }

    @Test func `each group is read once, however often it is asked about`() {
        var memory: [UInt64] = []
        sampling.ask(about: ["/a", nil, "/a", "/a"]) { memory = $0.map(\.memoryBytes) }
        groups.answer()
        #expect(groups.reads == [["/a"]])
        #expect(memory == [1, 0, 1, 1])
    }

    @Test func `those who come meanwhile share the next sample`() {
        var answered = 0
        for _ in 1...100 { sampling.ask(about: ["/a", "/b"]) { _ in answered += 1 } }
        groups.answer()
        #expect(answered == 1)
        groups.answer()
        #expect(answered == 100 && groups.reads.count == 2)
        sampling.ask(about: ["/a"]) { _ in }
        #expect(groups.reads.last == ["/a"])
    }

    @Test func `a large sample is taken in pieces`() {
        var memory: [UInt64] = []
        sampling.ask(about: ["/c", "/a", "/b"]) { memory = $0.map(\.memoryBytes) }
        groups.answer()
        #expect(memory == [])
        groups.answer()
        #expect(groups.reads == [["/a", "/b"], ["/c"]])
        #expect(memory == [2, 1, 1])
    }

    @Test func `nothing is read for those who have no group`() {
        var answered = 0
        sampling.ask(about: [nil]) { answered += $0.count }
        sampling.ask(about: []) { _ in answered += 1 }
        #expect(answered == 2 && groups.reads.isEmpty)
    }
}
