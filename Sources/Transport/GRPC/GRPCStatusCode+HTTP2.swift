extension GRPCStatusCode {
    /// What a stream reset means to a call that had no trailers yet.
    /// (gRPC over HTTP/2, "Errors".)
    init(resetBy code: HTTP2ErrorCode) {
        switch code {
        case .refusedStream: self = .unavailable
        case .cancel: self = .cancelled
        case .enhanceYourCalm: self = .resourceExhausted
        case .inadequateSecurity: self = .permissionDenied
        case .noError, .protocolError, .internalError, .flowControlError, .settingsTimeout,
            .frameSizeError, .compressionError, .connectError:
            self = .internal
        default: self = .unknown
        }
    }
}
