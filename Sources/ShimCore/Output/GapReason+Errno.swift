import Glibc
package import ShimProtocol

extension GapReason {
    /// The reason that a failed write gives.
    package init(_ error: SystemError) {
        switch error.number {
        case ENOSPC, EDQUOT: self = .noSpace
        case EFBIG: self = .fileTooLarge
        default: self = .storageFailure
        }
    }

    /// Whether the same write may succeed later.
    ///
    /// Space comes back and a failing disk may recover, but the limits on sizes do not move,
    /// and neither does the file's end.
    package var mayPass: Bool { self != .fileTooLarge && self != .logLimit }
}
