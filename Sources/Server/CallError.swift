import Jobs
import Transport

/// Why a call fails; closed, and ``ErrorAnswer`` has an answer for every case.
enum CallError: Error {
    /// The jobs room refused.
    case job(JobError)
    /// The request's bytes are not the message the method takes.
    case malformedRequest
    /// A method that takes one message got none, or several.
    case notOneMessage(count: Int)
    /// The request is a message, but not one that makes sense.
    case badRequest([FieldViolation])
    /// There is no such method.
    case unknownMethod(String)
    /// The certificate names no tenant.
    case identityRefused(IdentityRefusal)
    /// The method is for admins.
    case adminRequired
    /// The health of a service that is not here.
    case unknownService(String)
    /// A stream of questions runs too far ahead of its answers.
    case tooManyQuestions
    /// The transport ends the call, with this status.
    case transport(GRPCStatus)
    /// A fault of the server's own.
    case internalFault
}

/// One field of a request, and what is wrong with it.
struct FieldViolation: Equatable {
    /// Path from the request to the field, as `spec.command.argv.program`.
    let field: String
    let description: String
}
