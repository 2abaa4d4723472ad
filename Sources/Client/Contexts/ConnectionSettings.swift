import Transport

/// How to reach the server and who to be, put together from flags, environment and context.
struct ConnectionSettings: Equatable {
    let server: Endpoint
    /// Paths of PEM files.
    let authority: String
    let certificate: String
    let key: String
}

extension ConnectionSettings {
    /// A flag wins over a context named by flag, that over the environment, and that over the
    /// current context.
    init(
        flags: GlobalOptions, environment: [String: String],
        contexts: () throws(Failure) -> ContextFile
    ) throws(Failure) {
        var found = Context(
            server: flags.server, cacert: flags.cacert, cert: flags.cert, key: flags.key)
        if let name = flags.context, let named = try contexts().context(named: name) {
            found.fill(from: named)
        }
        found.fill(
            from: Context(
                server: environment.nonEmpty("CMDCTL_SERVER"),
                cacert: environment.nonEmpty("CMDCTL_CACERT"),
                cert: environment.nonEmpty("CMDCTL_CERT"),
                key: environment.nonEmpty("CMDCTL_KEY")))
        // Who gives everything needs no context, and must not be stopped by a broken file.
        if !found.isComplete {
            let name = environment.nonEmpty("CMDCTL_CONTEXT")
            if let stored = try contexts().context(named: name) { found.fill(from: stored) }
        }
        try self.init(found)
    }

    private init(_ context: Context) throws(Failure) {
        server = try Endpoint(ofServer: context.server ?? "127.0.0.1")
        authority = try Self.required(
            context.cacert, flag: "--cacert", variable: "CMDCTL_CACERT",
            what: "the authority that signed the server's certificate")
        certificate = try Self.required(
            context.cert, flag: "--cert", variable: "CMDCTL_CERT", what: "your certificate")
        key = try Self.required(
            context.key, flag: "--key", variable: "CMDCTL_KEY", what: "your private key")
    }

    private static func required(
        _ value: String?, flag: String, variable: String, what: String
    ) throws(Failure) -> String {
        if let value, !value.isEmpty { return value }
        throw .usage(
            "cannot connect: no file is named for \(what)",
            remedy: "Give \(flag) FILE, set \(variable), or store it once with `cmdctl auth login`."
        )
    }
}

extension ConnectionSettings {
    /// What to store, with paths that hold wherever cmdctl is started.
    func context(in directory: String) -> Context {
        let absolute = { (path: String) in path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        return Context(
            server: server.description, cacert: absolute(authority), cert: absolute(certificate),
            key: absolute(key))
    }
}

extension Context {
    var isComplete: Bool {
        server != nil && cacert != nil && cert != nil && key != nil
    }

    /// Takes from `other` what is not set here.
    mutating func fill(from other: Context) {
        server = server ?? other.server
        cacert = cacert ?? other.cacert
        cert = cert ?? other.cert
        key = key ?? other.key
    }
}

extension [String: String] {
    /// A variable that is set to nothing counts as not set.
    func nonEmpty(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
