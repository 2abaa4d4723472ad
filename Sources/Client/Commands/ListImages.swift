import ArgumentParser
import JobsAPI

/// `cmdctl image list`: what jobs can run on.
struct ListImages: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the images that jobs can run on.",
        usage: "cmdctl image list [options]",
        discussion: """
            EXAMPLES:
              cmdctl image list
              cmdctl image list -o json
              cmdctl image rm $(cmdctl image list -o name)
            """,
        aliases: ["ls"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let images = try session.connect().answer(to: .listImages, .init())
        try session.print(try session.renderer.images(images))
        return .success
    }
}
