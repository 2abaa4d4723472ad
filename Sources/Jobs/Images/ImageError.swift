/// Everything that can be wrong with a request about images.
public enum ImageError: Error, Hashable, Sendable {
    /// There is no image of that name; `available` are those that the caller could have instead.
    case notFound(name: String, available: [String])
    /// There is one of that name, or one is just being imported.
    case exists(name: String)
    /// Live jobs use it.
    case inUse(name: String, jobs: [JobID])
    /// What was sent is no image; `problem` says why.
    case unusable(problem: String)
    /// It takes more than an image may.
    case tooLarge(limit: UInt64)
    /// The server has no space for it.
    case storageFull(problem: String)
    /// The server cannot have images, or none of this kind.
    case unavailable(missing: String)
    /// More imports are under way than there may be.
    case tooManyImports
    /// Nothing came for too long.
    case stalled
}

extension ImageError {
    /// The stable upper-case code of the error, for programs.
    public var reason: String {
        switch self {
        case .notFound: "IMAGE_NOT_FOUND"
        case .exists: "IMAGE_EXISTS"
        case .inUse: "IMAGE_IN_USE"
        case .unusable: "IMAGE_UNUSABLE"
        case .tooLarge: "IMAGE_TOO_LARGE"
        case .storageFull: "STORAGE_FULL"
        case .unavailable: "IMAGES_UNAVAILABLE"
        case .tooManyImports: "TOO_MANY_IMPORTS"
        case .stalled: "IMPORT_STALLED"
        }
    }

    /// The error in words: what, why, and what to do.
    public var sentence: String {
        switch self {
        case .notFound(let name, []):
            "No image \(quoted(name)), and no other that you could have. An admin can import one with "
                + "cmdctl image import."
        case .notFound(let name, let available):
            "No image \(quoted(name)). There are: "
                + "\(available.sorted().joined(separator: ", "))."
        case .exists(let name):
            "There is an image \(quoted(name)) already. Remove that one first, or choose another "
                + "name."
        case .inUse(let name, let jobs):
            "The image \(quoted(name)) is in use by \(jobs.count == 1 ? "job" : "jobs") "
                + "\(jobs.map(\.description).joined(separator: ", ")). "
                + "Remove it when they have ended."
        case .unusable(let problem):
            "This cannot be an image: \(problem). Nothing is left of it on the server."
        case .tooLarge(let limit):
            "The image is larger than the \(limit) bytes that the server allows (image_max). "
                + "Nothing is left of it; leave out what the jobs do not need."
        case .storageFull(let problem):
            "The server has no space for the image (\(problem)). Nothing is left of it; remove "
                + "images or jobs, or ask the server's administrator."
        case .unavailable(let missing):
            "The image cannot be had: \(missing)."
        case .tooManyImports:
            "The server imports as many images as it can at a time. Try again in a moment."
        case .stalled:
            "Nothing of the image has come for too long, so the import is given up. Nothing is left "
                + "of it; try again."
        }
    }
}
