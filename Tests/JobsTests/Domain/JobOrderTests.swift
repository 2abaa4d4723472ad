import Reactor
import Testing

@testable import Jobs

/// That like jobs share one order, however alike they are, and none that differs.
@Suite struct JobOrderTests {
    private static let order = JobOrder(
        JobSpecification(command: .shell("echo \u{E9}")), timeout: .seconds(1),
        logLimit: LogLimit(maxBytes: 7))

    @Test func `a copy is shared until it is changed`() {
        var copy = Self.order
        #expect(copy.isShared(with: Self.order))
        copy.limits.memoryMax = 1
        #expect(!copy.isShared(with: Self.order))
        #expect(Self.order.limits == ResourceLimits())
        #expect(copy.limits == ResourceLimits(memoryMax: 1))
        #expect(copy.specification == Self.order.specification)
        #expect(copy.timeout == .seconds(1) && copy.logLimit == LogLimit(maxBytes: 7))
    }

    @Test func `an order like another one is held together with it`() {
        let like = JobOrder(
            Self.order.specification, timeout: .seconds(1), logLimit: LogLimit(maxBytes: 7))
        #expect(!like.isShared(with: Self.order))
        #expect(like.shared(with: Self.order).isShared(with: Self.order))
        #expect(like.shared(with: nil).isShared(with: like))
    }

    static let others = [
        JobOrder(JobSpecification(command: .shell("echo \u{E9}"))),
        // The same to people, and to `==`.
        JobOrder(
            JobSpecification(command: .shell("echo e\u{301}")), timeout: .seconds(1),
            logLimit: LogLimit(maxBytes: 7)),
        JobOrder(nil, timeout: .seconds(1), logLimit: LogLimit(maxBytes: 7)),
    ]

    @Test(arguments: others) func `one that differs stays as it is`(other: JobOrder) {
        #expect(other.shared(with: Self.order).isShared(with: other))
    }
}
