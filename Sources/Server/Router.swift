import Jobs
import Logging
import Reactor
import Transport

/// Everything the server can be asked: a method for each path, and who may ask it.
///
/// Methods are made once and hold no state of a call.
struct MethodTable {
    /// Makes the handler of one call.
    typealias MakeHandler = (GRPCServerCall, Caller) -> any GRPCCallHandler

    /// What a path leads to.
    struct Entry {
        let requirement: AccessPolicy.Requirement
        let makeHandler: MakeHandler
    }

    private var entries: [String: Entry] = [:]

    /// What `service/method` leads to.
    subscript(path: String) -> Entry? { entries[path] }

    /// Every path, for the test that compares them with the descriptors.
    var paths: Set<String> { Set(entries.keys) }

    mutating func add<Method: UnaryMethod>(
        _ path: String, _ method: Method, for requirement: AccessPolicy.Requirement = .anyTenant
    ) {
        add(path, for: requirement) { UnaryHandler(method, call: $0, caller: $1) }
    }

    mutating func add<Method: StreamingMethod>(_ path: String, streaming method: Method) {
        add(path, for: .anyTenant) { StreamingHandler(method, call: $0, caller: $1) }
    }

    mutating func add(
        _ path: String, for requirement: AccessPolicy.Requirement = .anyTenant,
        _ makeHandler: @escaping MakeHandler
    ) {
        precondition(entries[path] == nil, "two methods for one path")
        entries[path] = Entry(requirement: requirement, makeHandler: makeHandler)
    }
}

/// Finds the method of each call on one connection, and checks that its caller may ask it.
///
/// One for each connection, because the caller is the same for all its calls: the certificate is
/// read once, after the handshake.
final class Router: GRPCRouter {
    private let methods: MethodTable
    private let caller: Result<Caller, IdentityRefusal>
    private let logger: Logger

    init(methods: MethodTable, caller: Result<Caller, IdentityRefusal>, logger: Logger) {
        self.methods = methods
        self.caller = caller
        self.logger = logger
    }

    func handler(for call: GRPCServerCall) -> (any GRPCCallHandler)? {
        do throws(CallError) {
            return try makeHandler(for: call)
        } catch {
            logger.debug(
                "call refused", metadata: ["method": "\(call.method)", "reason": "\(error)"])
            call.finish(GRPCStatus(error))
            return nil
        }
    }

    func describe(_ status: GRPCStatus) -> GRPCStatus {
        status.details == nil ? GRPCStatus(.transport(status)) : status
    }

    /// The caller comes first, so that somebody without an identity learns nothing of the methods.
    private func makeHandler(for call: GRPCServerCall) throws(CallError) -> any GRPCCallHandler {
        let caller = try identifiedCaller()
        guard let entry = methods[call.path] else { throw .unknownMethod(call.path) }
        try AccessPolicy.check(caller.identity, against: entry.requirement)
        logger.debug(
            "call",
            metadata: ["method": "\(call.method)", "tenant": "\(caller.identity.tenant.name)"])
        return entry.makeHandler(call, caller)
    }

    private func identifiedCaller() throws(CallError) -> Caller {
        switch caller {
        case .success(let caller): return caller
        case .failure(let refusal): throw .identityRefused(refusal)
        }
    }
}
