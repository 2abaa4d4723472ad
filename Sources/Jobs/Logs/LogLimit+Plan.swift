import ShimProtocol

extension LogLimit {
    /// What is kept where nobody says otherwise: a gigabyte, and the newest, so that no job fills a
    /// disk by itself.
    package static let standard = LogLimit(maxBytes: 1 << 30, whenFull: .keepNewest)

    /// A smaller limit is no use; see the shim's plan.
    package static let bytesMin = ShimPlan.LogLimit.bytesMin

    /// Allows no more than that, which one job may have alone.
    package mutating func bound(to bytes: UInt64?) {
        guard let bytes else { return }
        maxBytes = min(maxBytes ?? .max, max(bytes, LogLimit.bytesMin))
    }

    /// How a shim is told; nil if nothing is limited.
    var plan: ShimPlan.LogLimit? {
        maxBytes.map {
            ShimPlan.LogLimit(
                bytesMax: max($0, LogLimit.bytesMin), action: (whenFull ?? .keepNewest).plan)
        }
    }
}

extension LogLimit.FullAction {
    fileprivate var plan: ShimPlan.LogLimit.Action {
        switch self {
        case .keepNewest: .keepNewest
        case .dropNewest: .dropNewest
        case .stopJob: .stopJob
        }
    }
}
