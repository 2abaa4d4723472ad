/// The verdict on a call: a code, a sentence for people, and optionally details for programs.
package struct GRPCStatus: Error, Hashable, Sendable {
    /// What kind of end this is.
    package let code: GRPCStatusCode
    /// What to tell a person.
    ///
    /// Empty for success.
    package let message: String
    /// A serialized `google.rpc.Status`, sent as `grpc-status-details-bin`.
    package let details: [UInt8]?

    /// Makes a status.
    package init(_ code: GRPCStatusCode, _ message: String = "", details: [UInt8]? = nil) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// Success, with nothing to add.
    package static let ok = GRPCStatus(.ok)
}

extension GRPCStatus: CustomStringConvertible {
    /// Code and message, for logs.
    package var description: String {
        message.isEmpty ? code.name : "\(code.name): \(message)"
    }
}
