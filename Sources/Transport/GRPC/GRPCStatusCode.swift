/// How a call ended, as gRPC names it.
///
/// The raw value is what travels in `grpc-status`.
package enum GRPCStatusCode: Int, CaseIterable, Hashable, Sendable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The upper-case name used in documentation and messages, such as `NOT_FOUND`.
    package var name: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}

extension GRPCStatusCode: CustomStringConvertible {
    /// The upper-case name.
    package var description: String { name }
}

extension GRPCStatusCode {
    /// What a `grpc-status` value stands for.
    ///
    /// A number nobody has defined yet means `unknown`, as the protocol asks; text that is no
    /// number at all is nil.
    package init?(wireValue: String) {
        guard let number = Int(wireValue), number >= 0 else { return nil }
        self = GRPCStatusCode(rawValue: number) ?? .unknown
    }

    /// What an HTTP status means when a response carries no `grpc-status` of its own: it came from
    /// a proxy, not from a gRPC server. (gRPC documentation, http-grpc-status-mapping.)
    init(httpStatus: Int) {
        switch httpStatus {
        case 400: self = .internal
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .unimplemented
        case 429, 502, 503, 504: self = .unavailable
        default: self = .unknown
        }
    }
}
