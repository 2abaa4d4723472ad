import JobsAPI
import Reactor
import Simulator
import SwiftProtobuf
import Transport

/// What must be true of jobs that have long ended: they outlive the daemon, and can be deleted, once
/// and for all, whatever dies meanwhile.
struct Aftermath {
    private let world: World
    private let caller: Caller

    init(_ world: World) {
        self.world = world
        caller = Caller(world)
    }

    func run() throws {
        world.lives.loop?.end()
        for starter in world.starters {
            guard let id = starter.id else { continue }
            let job: Cmdctl_V1_GetJobResponse? = try answer(
                "GetJob", Cmdctl_V1_GetJobRequest.with { $0.job = id })
            if let job { world.observe(job.job) } else { world.complain("job \(id) is forgotten") }
        }
        for starter in world.starters where starter.story.isDeleted { try delete(starter) }
        caller.leave()
    }

    private func delete(_ starter: Starter) throws {
        guard let id = starter.id else { return }
        if world.machine.draw({ $0.happens(0.7) }) {
            world.lives.loop?.endInCall(world.machine.draw { .random(in: 0...40, using: &$0) })
        }
        let _: Cmdctl_V1_DeleteJobResponse? = try answer(
            "DeleteJob", Cmdctl_V1_DeleteJobRequest.with { $0.job = id })
        world.lives.loop?.spare()
        let job: Cmdctl_V1_GetJobResponse? = try answer(
            "GetJob", Cmdctl_V1_GetJobRequest.with { $0.job = id })
        if job != nil { world.complain("job \(id) was deleted and is there") }
        let files = world.machine.list("/state/logs").filter { $0.hasPrefix(id) }
        if !files.isEmpty { world.complain("deletion has left \(files)") }
        let again: Cmdctl_V1_StartJobResponse? = try answer("StartJob", starter.request)
        if let again { world.complain("job \(id) was deleted and is now \(again.job.id)") }
    }

    /// The answer, or nil for a refusal.
    private func answer<Answer: SwiftProtobuf.Message>(
        _ method: String, _ request: any SwiftProtobuf.Message
    ) throws -> Answer? {
        var result: Result<Answer, GRPCStatus>?
        Question(method, request, by: caller, in: world) { result = $0 }.ask()
        let end = world.now + .seconds(30)
        while world.now < end, result == nil { try world.machine.advance(by: .milliseconds(50)) }
        guard let result else {
            world.complain("nobody answers \(method)")
            return nil
        }
        return try? result.get()
    }
}
