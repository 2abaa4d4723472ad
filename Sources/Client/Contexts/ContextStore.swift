import Reactor

/// The file the contexts are kept in.
struct ContextStore {
    let file: PrivateFile

    /// `cmdctl/contexts.yaml` where the XDG base directory specification wants configuration.
    init(environment: [String: String], kernel: any Kernel) throws(Failure) {
        // Relative paths in the variable are to be ignored, says the specification.
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
            file = PrivateFile(path: "\(base)/cmdctl/contexts.yaml", kernel: kernel)
            return
        }
        guard let home = environment["HOME"], !home.isEmpty else {
            throw .local(
                "cannot find the stored contexts: neither HOME nor XDG_CONFIG_HOME is set",
                remedy: "Set one of them, or give --server, --cacert, --cert and --key.")
        }
        file = PrivateFile(path: "\(home)/.config/cmdctl/contexts.yaml", kernel: kernel)
    }

    func load() throws(Failure) -> ContextFile {
        guard let text = try file.read() else { return ContextFile() }
        return try ContextFile(parsing: text)
    }

    func save(_ contexts: ContextFile) throws(Failure) {
        try file.write(try contexts.text)
    }
}
