import ArgumentParser
import JobsAPI

/// `cmdctl image import`: sends files to the server, for jobs to run on.
struct ImportImage: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make an image of a directory, an archive or a file system; for admins.",
        usage: "cmdctl image import [options] <name> <path>",
        discussion: """
            EXAMPLES:
              cmdctl image import debian12 ./rootfs           a directory
              cmdctl image import alpine alpine.tar.gz        tar: plain, gzip, xz or zstd
              cmdctl image import tools tools.squashfs        a squashfs file system

            Owners and permissions are kept, by number; a user who is not root imports a directory \
            as root's. Devices, set-user-ID bits and extended attributes are left out. The image is \
            there when all of it is, and otherwise nothing of it.
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: ArgumentHelp("What the image will be called.", valueName: "name"))
    var name: String

    @Argument(
        help: ArgumentHelp(
            "A directory, a tar archive or a squashfs of this host.", valueName: "path")
    )
    var path: String

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let source = try ImageSource(at: path, reactor: session.reactor)
        let upload = ImageUpload(source)
        defer { upload.close() }
        var head = Cmdctl_V1_ImportImageRequest()
        head.head.name = name
        head.head.format = source.format
        let progress = UploadProgress(of: upload, on: session.console)
        defer { progress.end() }
        let image = try session.connect().send(upload, behind: head).image
        progress.end()
        guard globals.output != nil else {
            try session.print("\(image.name)\n")
            return .success
        }
        try session.print(try session.renderer.image(image))
        return .success
    }
}
