import Reactor
import Testing

@testable import Jobs

/// What a server offers, and what it refuses because nobody can have it there.
@Suite struct SandboxesTests {
    private func sandboxes(capabilities: UInt64, userID: UInt32, off: String? = nil) -> Sandboxes {
        var facts = HostFacts()
        facts.userID = userID
        facts.groupID = userID
        facts.sandbox = SandboxAbility(capabilities: capabilities) { path in
            path == off ? "0" : "1000"
        }
        return Sandboxes(facts: facts, limits: JobLimits())
    }

    private func refusal(
        of isolation: JobSpecification.Isolation, by sandboxes: Sandboxes
    ) -> JobError? {
        let specification = JobSpecification(
            command: .program("true", arguments: []), isolation: isolation,
            image: isolation == .image ? "box" : nil)
        do throws(JobError) {
            try sandboxes.check(specification)
            return nil
        } catch {
            return error
        }
    }

    @Test func `root offers all there is`() {
        let root = sandboxes(capabilities: .max, userID: 0)
        #expect(root.available == [.strict, .image, .host] && root.byDefault == .strict)
        for isolation in root.available { #expect(refusal(of: isolation, by: root) == nil) }
    }

    @Test func `a user offers no images, and says why`() {
        let user = sandboxes(capabilities: 0, userID: 1000)
        #expect(user.available == [.strict, .host] && user.byDefault == .host)
        #expect(
            refusal(of: .image, by: user)
                == .isolationUnavailable(.image, missing: "only a server that is root has images"))
        #expect(refusal(of: .strict, by: user) == nil)
    }

    @Test func `without user namespaces only the host is left`() {
        let file = "/proc/sys/user/max_user_namespaces"
        let bare = sandboxes(capabilities: 0, userID: 1000, off: file)
        #expect(bare.available == [.host])
        #expect(
            refusal(of: .strict, by: bare)
                == .isolationUnavailable(.strict, missing: "\(file) is 0"))
    }

    private let strict = JobSpecification(command: .shell("true"), isolation: .strict)

    @Test func `a job that was accepted by root has users of its own, or does not run`() throws {
        let root = sandboxes(capabilities: .max, userID: 0)
        try root.check(strict, with: 1_879_048_192)
        #expect(throws: JobError.self) { try root.check(strict, with: nil) }
        try root.check(JobSpecification(command: .shell("true")), with: nil)
    }

    @Test func `a user cannot give a job the users it was promised`() throws {
        let user = sandboxes(capabilities: 0, userID: 1000)
        try user.check(strict, with: nil)
        #expect(throws: JobError.self) { try user.check(strict, with: 1_879_048_192) }
    }
}
