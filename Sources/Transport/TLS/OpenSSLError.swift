import COpenSSL

/// One entry of OpenSSL's error queue.
struct OpenSSLError: Hashable, Sendable {
    let library: Int32
    let reason: Int32
    let words: String

    /// Takes everything from this thread's queue, the oldest first.
    ///
    /// The queue must be empty before each call whose failure is to be explained, because
    /// `SSL_get_error` looks at it (SSL_get_error(3)).
    static func takeAll() -> [OpenSSLError] {
        var errors: [OpenSSLError] = []
        while case let code = ERR_get_error(), code != 0 {
            errors.append(OpenSSLError(code: code))
        }
        return errors
    }

    /// What the queue says, in one line, for failures that have no name of their own.
    static func takeWords() -> String {
        let words = takeAll().map(\.words)
        return words.isEmpty ? "no reason given" : words.joined(separator: ", ")
    }

    private init(code: UInt) {
        library = copenssl_err_get_lib(code)
        reason = copenssl_err_get_reason(code)
        let text = unsafe ERR_reason_error_string(code)
        words = unsafe text.map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
