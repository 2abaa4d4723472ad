import Reactor
import Simulator
import Testing

@testable import Jobs

/// Quotas and rates without a single job.
@Suite struct StartGateTests {
    private static let alice = StartQueueTests.viewer("a")
    private static let bob = StartQueueTests.viewer("b")
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private func gate(
        all: StartQuota = StartQuota(), each: StartQuota = StartQuota()
    ) -> StartGate {
        StartGate(quota: all, quotaOf: { _ in each })
    }

    @Test func `so many run, and so many wait`() throws {
        var gate = gate(each: StartQuota(running: 1, queued: 1))
        let none = StartDemand()
        #expect(try gate.admits(none, of: Self.alice, at: start))
        gate.start(Specimen.id(1), of: Self.alice, none)
        #expect(try !gate.admits(none, of: Self.alice, at: start))
        gate.enqueue(Specimen.id(2), of: Self.alice, none)
        #expect(throws: JobError.queueFull(.tenant, max: 1)) {
            try gate.admits(none, of: Self.alice, at: start)
        }
        #expect(try gate.admits(none, of: Self.bob, at: start))
        #expect(gate.next { _ in true } == nil)
        gate.leave(Specimen.id(1), of: Self.alice.tenant)
        #expect(gate.next { _ in false } == nil)
        #expect(gate.next { _ in true } == Specimen.id(2))
        #expect(gate.next { _ in true } == nil)
    }

    @Test func `the queue of all has an end, too`() throws {
        var gate = gate(all: StartQuota(running: 1, queued: 1))
        gate.start(Specimen.id(1), of: Self.alice, StartDemand())
        gate.enqueue(Specimen.id(2), of: Self.alice, StartDemand())
        #expect(throws: JobError.queueFull(.server, max: 1)) {
            try gate.admits(StartDemand(), of: Self.bob, at: start)
        }
    }

    @Test func `what waits is bounded in bytes, too`() throws {
        var limits = JobLimits()
        (limits.queuedBytesPerTenant, limits.queuedBytes) = (10, 15)
        var gate = StartGate(
            quota: StartQuota(running: 1), quotaOf: { _ in StartQuota() }, limits: limits)
        let none = StartDemand()
        #expect(try gate.admits(none, of: Self.alice, byteCount: 99, at: start), "it need not wait")
        gate.start(Specimen.id(1), of: Self.alice, none)
        #expect(try !gate.admits(none, of: Self.alice, byteCount: 10, at: start))
        gate.enqueue(Specimen.id(2), of: Self.alice, none, byteCount: 10)
        #expect(throws: JobError.queueTooLarge(.tenant, bytesMax: 10)) {
            try gate.admits(none, of: Self.alice, byteCount: 1, at: start)
        }
        #expect(throws: JobError.queueTooLarge(.server, bytesMax: 15)) {
            try gate.admits(none, of: Self.bob, byteCount: 6, at: start)
        }
        #expect(try !gate.admits(none, of: Self.bob, byteCount: 5, at: start))
        gate.leave(Specimen.id(1), of: Self.alice.tenant)
        #expect(gate.next { _ in true } == Specimen.id(2))
        #expect(try !gate.admits(none, of: Self.alice, byteCount: 10, at: start))
    }

    @Test func `memory and processors add up`() throws {
        var gate = gate(
            all: StartQuota(cpuMillis: 1500), each: StartQuota(memory: 100, cpuMillis: 1000))
        let half = StartDemand(memory: 50, cpuMillis: 500)
        gate.start(Specimen.id(1), of: Self.alice, half)
        #expect(try gate.admits(half, of: Self.alice, at: start))
        gate.start(Specimen.id(2), of: Self.alice, half)
        #expect(try !gate.admits(half, of: Self.alice, at: start))
        #expect(try gate.admits(half, of: Self.bob, at: start))
        #expect(try !gate.admits(StartDemand(memory: 1, cpuMillis: 501), of: Self.bob, at: start))
        gate.leave(Specimen.id(1), of: Self.alice.tenant)
        #expect(try gate.admits(StartDemand(memory: 1, cpuMillis: 501), of: Self.bob, at: start))
    }

    @Test func `limits that are as large as can be add up, too`() throws {
        let most = UInt64(Int64.max)
        var gate = gate(all: StartQuota(memory: .max, cpuMillis: .max))
        let largest = StartDemand(memory: most, cpuMillis: most)
        for number in 1...5 as ClosedRange<UInt64> {
            gate.start(Specimen.id(number), of: Self.alice, largest)
        }
        #expect(try !gate.admits(StartDemand(memory: 2, cpuMillis: 2), of: Self.bob, at: start))
        for number in 1...4 as ClosedRange<UInt64> {
            gate.leave(Specimen.id(number), of: Self.alice.tenant)
        }
        #expect(try gate.admits(largest, of: Self.bob, at: start))
    }

    @Test func `what is too large for now is not overtaken for ever`() throws {
        var gate = gate(all: StartQuota(memory: 100))
        gate.start(Specimen.id(1), of: Self.alice, StartDemand(memory: 60))
        #expect(try !gate.admits(StartDemand(memory: 80), of: Self.alice, at: start))
        gate.enqueue(Specimen.id(2), of: Self.alice, StartDemand(memory: 80))
        #expect(try !gate.admits(StartDemand(memory: 1), of: Self.bob, at: start))
        gate.enqueue(Specimen.id(3), of: Self.bob, StartDemand(memory: 1))
        #expect(gate.next { _ in true } == nil)
        gate.leave(Specimen.id(1), of: Self.alice.tenant)
        #expect(gate.next { _ in true } == Specimen.id(2))
        #expect(gate.next { _ in true } == Specimen.id(3))
    }

    @Test func `what can never start does not wait`() throws {
        let gate = gate(all: StartQuota(memory: 100), each: StartQuota(cpuMillis: 500))
        let small = StartDemand(memory: 100, cpuMillis: 500)
        #expect(try gate.admits(small, of: Self.alice, at: start))
        #expect(throws: JobError.quotaTooSmall(.server, .memory, asked: 101, max: 100)) {
            try gate.admits(
                StartDemand(memory: 101, cpuMillis: 1), of: Self.alice, at: start)
        }
        #expect(throws: JobError.quotaTooSmall(.tenant, .cpu, asked: nil, max: 500)) {
            try gate.admits(StartDemand(memory: 1), of: Self.alice, at: start)
        }
        let closed = self.gate(each: StartQuota(running: 0))
        #expect(throws: JobError.quotaTooSmall(.tenant, .running, asked: 1, max: 0)) {
            try closed.admits(StartDemand(), of: Self.alice, at: start)
        }
    }

    @Test func `a burst, and then one at a time`() throws {
        let rate = StartRate(interval: .milliseconds(100), burst: 3)
        var gate = gate(each: StartQuota(rate: rate))
        var now = start
        for _ in 0..<3 {
            #expect(try gate.admits(StartDemand(), of: Self.alice, at: now))
            gate.count(Self.alice, at: now)
        }
        now = now + .milliseconds(30)
        #expect(throws: JobError.rateLimited(.tenant, rate, wait: .milliseconds(70))) {
            try gate.admits(StartDemand(), of: Self.alice, at: now)
        }
        #expect(try gate.admits(StartDemand(), of: Self.bob, at: now))
        now = now + .milliseconds(70)
        #expect(try gate.admits(StartDemand(), of: Self.alice, at: now))
        gate.count(Self.alice, at: now)
        #expect(throws: JobError.rateLimited(.tenant, rate, wait: .milliseconds(100))) {
            try gate.admits(StartDemand(), of: Self.alice, at: now)
        }
    }

    @Test func `the rate of all counts everybody`() throws {
        let rate = StartRate(interval: .seconds(1), burst: 1)
        var gate = gate(all: StartQuota(rate: rate))
        gate.count(Self.alice, at: start)
        #expect(throws: JobError.rateLimited(.server, rate, wait: .seconds(1))) {
            try gate.admits(StartDemand(), of: Self.bob, at: start)
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `whoever waits as told is let in, and never more are than earned`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rate = StartRate(
            interval: .nanoseconds(Int64.random(in: 1...2_000_000_000, using: &random)),
            burst: .random(in: 1...5, using: &random))
        var meter = RateMeter(at: start)
        var now = start
        var count = 0
        for _ in 0..<200 {
            if let wait = meter.wait(at: now, rate) {
                #expect(wait > .zero && wait <= rate.interval)
                #expect(meter.wait(at: now + (wait - .nanoseconds(1)), rate) != nil)
                now = now + wait
                #expect(meter.wait(at: now, rate) == nil)
            }
            meter.take(at: now, rate)
            count += 1
            #expect(rate.interval * (count - rate.burst) <= now - start)
            now = now + .nanoseconds(Int64.random(in: 0...3_000_000_000, using: &random) / 4)
        }
    }

    // MARK: Changes

    @Test func `a job that is changed takes the larger share until the change is made`() throws {
        var gate = gate(all: StartQuota(memory: 100))
        gate.start(Specimen.id(1), of: Self.alice, StartDemand(memory: 40))
        try gate.change(Specimen.id(1), of: Self.alice, to: StartDemand(memory: 80))
        #expect(try !gate.admits(StartDemand(memory: 30), of: Self.bob, at: start))
        gate.settle(Specimen.id(1), StartDemand(memory: 80))
        try gate.change(Specimen.id(1), of: Self.alice, to: StartDemand(memory: 10))
        #expect(try !gate.admits(StartDemand(memory: 30), of: Self.bob, at: start))
        gate.settle(Specimen.id(1), StartDemand(memory: 10))
        #expect(try gate.admits(StartDemand(memory: 90), of: Self.bob, at: start))
        gate.leave(Specimen.id(1), of: Self.alice.tenant)
        // It has ended meanwhile.
        gate.settle(Specimen.id(1), StartDemand(memory: 10))
        #expect(try gate.admits(StartDemand(memory: 100), of: Self.bob, at: start))
    }

    @Test func `a job gets no more than the others leave, and less whatever they have`() throws {
        var gate = gate(all: StartQuota(memory: 100), each: StartQuota(cpuMillis: 500))
        let half = StartDemand(memory: 50, cpuMillis: 250)
        for number: UInt64 in 1...2 { gate.start(Specimen.id(number), of: Self.alice, half) }
        for (demand, refusal) in [
            (
                StartDemand(memory: 51, cpuMillis: 250),
                JobError.quotaUsedUp(.server, .memory, asked: 51, free: 50)
            ),
            (
                StartDemand(memory: 101, cpuMillis: 250),
                .quotaTooSmall(.server, .memory, asked: 101, max: 100)
            ),
            (
                StartDemand(memory: nil, cpuMillis: 250),
                .quotaTooSmall(.server, .memory, asked: nil, max: 100)
            ),
            (
                StartDemand(memory: 50, cpuMillis: 251),
                .quotaUsedUp(.tenant, .cpu, asked: 251, free: 250)
            ),
        ] {
            #expect(throws: refusal) {
                try gate.change(Specimen.id(1), of: Self.alice, to: demand)
            }
        }
        try gate.change(Specimen.id(1), of: Self.alice, to: StartDemand(memory: 1, cpuMillis: 1))
        gate.settle(Specimen.id(1), StartDemand(memory: 1, cpuMillis: 1))
        try gate.change(Specimen.id(2), of: Self.alice, to: StartDemand(memory: 99, cpuMillis: 499))
    }

    @Test func `a job that is over a quota, or had no limit, may have less all the same`() throws {
        var gate = gate(all: StartQuota(memory: 100))
        gate.start(Specimen.id(1), of: Self.alice, StartDemand(memory: 500))
        gate.start(Specimen.id(2), of: Self.alice, StartDemand())
        try gate.change(Specimen.id(1), of: Self.alice, to: StartDemand(memory: 400))
        try gate.change(Specimen.id(2), of: Self.alice, to: StartDemand(memory: 200))
    }
}
