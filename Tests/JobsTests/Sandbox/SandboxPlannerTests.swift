import Reactor
import ShimProtocol
import Testing

@testable import Jobs

/// From what was asked for to what the shim is told.
@Suite struct SandboxPlannerTests {
    private let planner: SandboxPlanner
    private let id = JobID(bytes: Array(1...16))

    init() throws {
        planner = SandboxPlanner(
            scratchBytes: 1 << 20, ownUserID: 1000, ownGroupID: 100, filter: try SystemCallFilter())
    }

    private func plan(
        _ change: (inout JobSpecification) -> Void = { _ in }, subIDBase: UInt32? = 100_000,
        imageBase: String? = nil
    ) throws -> SandboxPlan {
        var specification = JobSpecification(command: .shell("true"), isolation: .strict)
        change(&specification)
        let job = try #require(id)
        return try #require(
            planner.plan(
                for: specification, id: job, subIDBase: subIDBase, imageBase: imageBase))
    }

    @Test func `a job that is not to be shut off has none`() throws {
        let specification = JobSpecification(command: .shell("true"), isolation: .host)
        let plan = planner.plan(
            for: specification, id: try #require(id), subIDBase: nil, imageBase: nil)
        #expect(plan == nil)
    }

    @Test func `a strict job gets users of its own, the host's programs and no network`() throws {
        let plan = try plan()
        #expect(plan.userIDs == .init(first: 100_000, count: 65_536))
        #expect(plan.groupIDs == plan.userIDs)
        #expect(plan.root == .hostView)
        #expect(plan.network == .none)
        #expect(plan.scratchBytes == 1 << 20)
        #expect(plan.resourceLimits == [.init(resource: 4, soft: 1, hard: 1)])
        #expect(plan.systemCallFilters.count == 2)
    }

    @Test func `without ranges it is the server's own user`() throws {
        let plan = try plan(subIDBase: nil)
        #expect(plan.userIDs == .init(first: 1000, count: 1))
        #expect(plan.groupIDs == .init(first: 100, count: 1))
    }

    @Test func `the host's network is given to those who ask`() throws {
        #expect(try plan { $0.network = .host }.network == .host)
        #expect(try plan { $0.network = JobSpecification.Network.none }.network == .none)
    }

    @Test func `an image is the root`() throws {
        #expect(
            try plan({ $0.isolation = .image }, imageBase: "/images/a").root
                == .image(base: "/images/a"))
    }

    /// CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_MKNOD and the like are another matter.
    @Test func `capabilities are the documented ones`() throws {
        #expect(try plan().capabilities == 0x4FB)
    }
}
