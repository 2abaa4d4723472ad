/// What happens to output that has no room any more, by the names that people write.
package enum LogFullWord: String, CaseIterable, Sendable {
    case keep
    case drop
    case stop

    /// The API's word for it.
    package var message: Cmdctl_V1_LogFullAction {
        switch self {
        case .keep: .keepNewest
        case .drop: .dropNewest
        case .stop: .stopJob
        }
    }
}
