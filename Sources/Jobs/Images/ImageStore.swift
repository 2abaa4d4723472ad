import Logging
import Reactor

/// The images of a server: which there are, and their coming and going.
///
/// It runs on the loop, and what it knows is in memory: a start need not ask the disk.
package final class ImageStore {
    private let host: ImageHost
    /// Why there can be none; nil if nothing is in the way.
    private let obstacle: String?
    private var images: [String: Image] = [:]
    /// Images that are there and cannot be used, and why.
    private var problems: [String: ImageError] = [:]
    /// Names that imports under way have taken.
    private var incoming: Set<String> = []
    /// Throws when there are too few descriptors for one more import.
    var checkDescriptors: () throws(JobError) -> Void = {}

    init(
        in path: String, reactor: Reactor, shimPath: String, null: HeldFile, facts: HostFacts,
        limits: JobLimits, logger: Logger
    ) {
        let directory = ImageDirectory(path: path, kernel: reactor.kernel)
        let program = ImageProgram(
            shimPath: shimPath, null: null, processID: facts.processID ?? 0)
        let remover = ImageRemover(
            reactor: reactor, directory: directory, program: program, logger: logger)
        host = ImageHost(
            reactor: reactor, directory: directory, program: program, remover: remover,
            limits: limits, logger: logger)
        // The files of an image have owners, and only root can make those of others.
        obstacle =
            facts.userID == 0 && facts.mayMakeNamespaces
            ? nil : "the server does not run as root, so it can have none"
    }

    /// Where they lie.
    var directory: ImageDirectory { host.directory }

    // MARK: Asking

    /// All of them, by name.
    package var all: [Image] { images.values.sorted { $0.name < $1.name } }

    /// The image of that name.
    func image(named name: String) throws(ImageError) -> Image {
        guard let image = images[name] else {
            throw .notFound(name: name, available: Array(images.keys))
        }
        return image
    }

    /// The directory of an image that a job can have for its root.
    func rootPath(of name: String) throws(ImageError) -> String {
        let image = try image(named: name)
        if let obstacle { throw .unavailable(missing: obstacle) }
        if let problem = problems[name] { throw problem }
        return host.directory.rootPath(image.name)
    }

    // MARK: Starting and ending

    /// Finds what there is, and removes what another life has left half done.
    func load(then: @escaping () -> Void) {
        let directory = host.directory
        host.work {
            let contents = Result { () throws(Errno) in try directory.contents() }
            return contents.map { ($0, directory.mountAll($0)) }
        } then: { [self] result in
            switch result {
            case .success(let (contents, problems)): take(contents, problems)
            case .failure(let error):
                host.logger.error(
                    "the images cannot be read", metadata: ["error": "\(error)"])
            }
            then()
        }
    }

    private func take(_ contents: ImageDirectory.Contents, _ problems: [String: ImageError]) {
        for image in contents.images { images[image.name] = image }
        self.problems = problems
        for name in contents.unreadable {
            host.logger.error("an image has no readable metadata", metadata: ["name": "\(name)"])
        }
        for (name, problem) in problems.sorted(by: { $0.key < $1.key }) {
            host.logger.error(
                "an image cannot be used",
                metadata: ["name": "\(name)", "problem": "\(problem.sentence)"])
        }
        for name in contents.leftovers { host.remover.remove(name) }
    }

    /// Takes away what was mounted; jobs that run keep what they have.
    package func close() {
        for image in images.values where image.format == .squashfs {
            host.directory.unmountAll(image.name)
        }
    }

    /// How many images come in, or have a name that is just being given up.
    var incomingCount: Int { incoming.count }

    // MARK: Coming and going

    /// Begins to take in an image.
    ///
    /// - Parameters:
    ///   - name: What it will be called.
    ///   - format: How it comes.
    ///   - then: Told when it can be used, or when nothing is left of it.
    /// - Returns: What takes the bytes.
    /// - Throws: Why there can be no such image, or none now.
    package func beginImport(
        _ name: String, _ format: Image.Format,
        then: @escaping (Result<Image, ImageError>) -> Void
    ) throws(JobError) -> ImageImport {
        guard Image.isName(name) else {
            throw .invalidRequest(
                SpecificationProblem(field: "head.name", sentence: Image.nameRule))
        }
        do throws(ImageError) {
            try checkRoom(for: name)
        } catch {
            throw .image(error)
        }
        try checkDescriptors()
        incoming.insert(name)
        let newImport = ImageImport(name, format, on: host) { [self] result in
            incoming.remove(name)
            if case .success(let image) = result { take(image) }
            then(result)
        }
        newImport.begin()
        return newImport
    }

    private func checkRoom(for name: String) throws(ImageError) {
        if let obstacle { throw .unavailable(missing: obstacle) }
        guard images[name] == nil, !incoming.contains(name) else { throw .exists(name: name) }
        guard incoming.count < host.limits.importsAtOnce else { throw .tooManyImports }
    }

    private func take(_ image: Image) {
        images[image.name] = image
        host.logger.notice(
            "image imported",
            metadata: [
                "name": "\(image.name)", "bytes": "\(image.byteCount)",
                "sha256": "\(image.digest)",
            ])
    }

    /// Deletes an image that nobody uses; from now on it exists for nobody.
    func delete(_ image: Image, then: @escaping (Result<Void, ImageError>) -> Void) {
        images[image.name] = nil
        // Until it is out of the way no other can have its name.
        incoming.insert(image.name)
        let directory = host.directory
        let place = ImageDirectory.hiddenName("removed", host.kernel)
        host.work {
            Result { () throws(Errno) in try directory.hide(image, at: place) }
        } then: { [self] result in
            incoming.remove(image.name)
            switch result {
            case .success:
                problems[image.name] = nil
                host.logger.notice("image removed", metadata: ["name": "\(image.name)"])
                host.remover.remove(place) { then(.success(())) }
            case .failure(let error):
                images[image.name] = image
                then(.failure(ImageError(storing: error, in: directory.path)))
            }
        }
    }
}

extension ImageDirectory {
    /// Mounts the images that are file systems, after another life, and answers which it could not.
    func mountAll(_ contents: Contents) -> [String: ImageError] {
        for name in contents.leftovers { unmountAll(name) }
        var problems: [String: ImageError] = [:]
        for image in contents.images where image.format == .squashfs {
            do throws(Errno) {
                try mount(image.name)
            } catch {
                problems[image.name] = ImageError(mounting: error)
            }
        }
        return problems
    }
}
