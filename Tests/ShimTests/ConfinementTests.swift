import ShimCore
import ShimProtocol
import Testing

/// What a sandbox gives up, in which order.
struct ConfinementTests {
    private let steps: [Confinement] = {
        var plan = SandboxPlan.specimen
        plan.capabilities = 0b1011
        return Confinement.steps(for: plan)
    }()

    @Test func `nothing is kept but what was planned`() {
        #expect(steps.contains(.boundCapabilities(to: 0b1011)))
        #expect(steps.contains(.keepCapabilities(0b1011)))
        #expect(steps.last == .gainNothing)
    }

    /// CAP_SETPCAP is among what goes.
    @Test func `what needs a capability comes before capabilities go`() throws {
        let last = try #require(steps.firstIndex(of: .keepCapabilities(0b1011)))
        for step in [Confinement.boundCapabilities(to: 0b1011), .lockAmbientCapabilities] {
            #expect(try #require(steps.firstIndex(of: step)) < last)
        }
    }
}
