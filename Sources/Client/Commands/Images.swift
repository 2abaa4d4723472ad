import ArgumentParser

/// `cmdctl image`: what jobs have for a root directory, with `run --rootfs`.
struct Images: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Import, list and remove what jobs can have for a root directory.",
        usage: "cmdctl image <command>",
        discussion: """
            EXAMPLES:
              cmdctl image import debian12 ./rootfs
              cmdctl image list
              cmdctl image rm debian12
            """,
        subcommands: [ImportImage.self, ListImages.self, DeleteImage.self],
        aliases: ["images"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
}
