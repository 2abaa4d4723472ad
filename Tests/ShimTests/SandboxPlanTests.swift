@testable import ShimProtocol
import Testing

/// A sandbox that nobody could have asked for is refused before anything is made.
struct SandboxPlanTests {
    typealias Range = SandboxPlan.IdentityRange
    typealias Limit = SandboxPlan.ResourceLimit

    private static func specimen(_ change: (inout SandboxPlan) -> Void) -> SandboxPlan {
        var plan = SandboxPlan.specimen
        change(&plan)
        return plan
    }

    private static func connected(
        _ change: (inout SandboxPlan.PrivateNetwork) -> Void
    ) -> SandboxPlan {
        var network = SandboxPlan.PrivateNetwork.specimen
        change(&network)
        return specimen { $0.network = .private(network) }
    }

    private static let malformed: [(String, SandboxPlan)] = [
        ("range of ids", specimen { $0.userIDs = Range(first: 0, count: 0) }),
        ("range of ids", specimen { $0.groupIDs = Range(first: .max, count: 1) }),
        ("image", specimen { $0.root = .image(base: "tools") }),
        ("interface", connected { $0.interface = "" }),
        ("interface", connected { $0.interface = "cmdctl1234567890" }),
        ("address", connected { $0.gateway = $0.address }),
        ("host name", specimen { $0.hostName = "" }),
        ("host name", specimen { $0.hostName = String(repeating: "x", count: 65) }),
        (
            "resource limit",
            specimen { $0.resourceLimits = [Limit(resource: 16, soft: 0, hard: 0)] }
        ),
        ("resource limit", specimen { $0.resourceLimits = [Limit(resource: 4, soft: 1, hard: 0)] }),
        ("filter", specimen { $0.systemCallFilters = [[]] }),
        ("filter", specimen { $0.systemCallFilters = [[1, 2, 3]] }),
        ("filter", specimen { $0.systemCallFilters = [[UInt8](repeating: 0, count: 32_776)] }),
    ]

    @Test func `a private network is read as it was written`() throws {
        let plan = ShimPlanTests.bare.inside(Self.connected { _ in })
        #expect(try ShimPlan(decoding: plan.encoded()) == plan)
    }

    @Test(arguments: malformed)
    func `refuses what makes no sense`(field: String, plan: SandboxPlan) {
        #expect(throws: FormatError.malformed(field: field)) {
            try ShimPlan(decoding: ShimPlanTests.bare.inside(plan).encoded())
        }
    }

    /// The one that holds the job's processes is also the one that ends them.
    @Test func `refuses a sandbox without a PID namespace`() {
        var bytes = ShimPlanTests.bare.inside(.specimen).encoded()
        bytes[10] &= ~2
        #expect(throws: FormatError.malformed(field: "flags")) {
            try ShimPlan(decoding: resealed(bytes))
        }
    }

    private func resealed(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(raw: bytes.dropLast(4))
        return writer.sealed()
    }
}
