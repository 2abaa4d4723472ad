import ArgumentParser
import JobsAPI
import SwiftProtobuf

/// `cmdctl image rm`: removes images that no job uses.
struct DeleteImage: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove images that no live job uses; for admins.",
        usage: "cmdctl image rm [options] <name> ...",
        discussion: """
            EXAMPLES:
              cmdctl image rm debian12
              cmdctl image rm alpine tools
            """,
        aliases: ["remove", "delete"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: ArgumentHelp("Which images.", valueName: "name"))
    var names: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let caller = try session.connect()
        var pending: [PendingAnswer<Cmdctl_V1_DeleteImageResponse>] = []
        for name in names {
            pending.append(
                try caller.begin(
                    .deleteImage, .with { $0.name = name }, timeout: Limits.imageTimeout))
        }
        var status = ExitStatus.success
        for answer in pending {
            guard case .failure(let failure) = try caller.result(of: answer) else { continue }
            session.report(failure)
            if status == .success { status = failure.exitStatus }
        }
        return status
    }
}
