/// Where one import is: pure, so its tests are tables.
///
/// One piece of work is under way at a time. What comes meanwhile, be it bytes, the end, or a reason
/// to give up, is heeded when that is done.
struct ImageImportLife {
    /// What its owner is to do next.
    enum Action: Equatable {
        case nothing
        /// Write what has come, and call ``ImageImportLife/done(hasBytes:)``.
        case write
        /// Make an image of what has come, and call ``ImageImportLife/done(hasBytes:)``.
        case unpack
        /// End what makes the image; it is done soon.
        case stopUnpacking
        /// Give the image its name, and call ``ImageImportLife/done(hasBytes:)``.
        case publish
        /// Remove all there is, and call ``ImageImportLife/done(hasBytes:)``.
        case discard
        /// Tell what came of it.
        case tell
    }

    private enum Phase {
        case making
        /// For bytes.
        case waiting
        case writing
        case unpacking
        case publishing
        case discarding
        case over
    }

    private var phase = Phase.making
    private var hasAll = false
    private var hasFailed = false

    /// Whether bytes still count.
    var takesBytes: Bool { !hasFailed && !hasAll && phase != .over }

    /// Bytes are there to be written.
    mutating func bytesCame() -> Action { phase == .waiting ? next(hasBytes: true) : .nothing }

    /// No more bytes will come.
    mutating func allCame() -> Action {
        hasAll = true
        return phase == .waiting ? next(hasBytes: false) : .nothing
    }

    /// It can, or shall, not become an image.
    mutating func fail() -> Action {
        guard !hasFailed else { return .nothing }
        switch phase {
        case .waiting:
            hasFailed = true
            return next(hasBytes: false)
        case .making, .writing:
            hasFailed = true
            return .nothing
        case .unpacking:
            hasFailed = true
            return .stopUnpacking
        // It has its name, or is about to; who does not want it any more can remove it.
        case .publishing, .discarding, .over: return .nothing
        }
    }

    /// The work is done, or has failed.
    mutating func done(hasBytes: Bool, failed: Bool = false) -> Action {
        if failed { hasFailed = true }
        switch phase {
        case .making, .writing: return next(hasBytes: hasBytes)
        case .unpacking:
            return hasFailed ? enter(.discarding, .discard) : enter(.publishing, .publish)
        case .publishing: return hasFailed ? enter(.discarding, .discard) : enter(.over, .tell)
        case .discarding: return enter(.over, .tell)
        case .waiting, .over: preconditionFailure("nothing was under way")
        }
    }

    private mutating func next(hasBytes: Bool) -> Action {
        if hasFailed { return enter(.discarding, .discard) }
        if hasBytes { return enter(.writing, .write) }
        if hasAll { return enter(.unpacking, .unpack) }
        return enter(.waiting, .nothing)
    }

    private mutating func enter(_ phase: Phase, _ action: Action) -> Action {
        self.phase = phase
        return action
    }
}
