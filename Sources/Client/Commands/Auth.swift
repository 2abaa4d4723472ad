import ArgumentParser
import JobsAPI
import Transport

/// `cmdctl auth`: contexts, so that the other verbs need no flags.
struct Auth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Store which server to use and who to be there.",
        usage: "cmdctl auth <command>",
        discussion: """
            EXAMPLES:
              cmdctl auth login build7:9090 --cacert ca.pem --cert me.pem --key me.key
              cmdctl auth use build7:9090
              cmdctl auth list
              cmdctl auth logout build7:9090

            Contexts are kept in $XDG_CONFIG_HOME/cmdctl/contexts.yaml, or in ~/.config. They name \
            files; keys and certificates stay where they are.
            """,
        subcommands: [Login.self, Logout.self, Use.self, List.self])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
}

extension Auth {
    /// `cmdctl auth login`: tries a connection, and stores what it was made with.
    struct Login: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Store a context and make it the current one, once the server has answered.",
            usage: "cmdctl auth login [options] [<host:port>]",
            discussion: """
                EXAMPLES:
                  cmdctl auth login build7:9090 --cacert ca.pem --cert me.pem --key me.key
                  cmdctl auth login build7:9090 --cacert ca.pem --cert op.pem --key op.key \\
                      --name operator
                """)

        @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

        @Option(
            help: ArgumentHelp("Name of the context; the address unless given.", valueName: "name"))
        var name: String?

        @Flag(help: "Store it even if the server cannot be asked now.")
        var offline = false

        @Argument(help: ArgumentHelp("Where the server listens.", valueName: "host:port"))
        var address: String?

        func validate() throws {
            if let address, let server = globals.server, address != server {
                throw ValidationError(
                    "'\(address)' and --server '\(server)' are two addresses. Give one of them.")
            }
        }

        func perform(in session: Session) throws(Failure) -> ExitStatus {
            var flags = globals
            flags.server = address ?? globals.server
            let store = try session.contextStore()
            var contexts = try store.load()
            // A context that is only the current one has no say in what a new one is.
            let named = globals.context == nil ? ContextFile() : contexts
            let settings = try ConnectionSettings(
                flags: flags, environment: session.origin.environment,
                contexts: { () throws(Failure) in named })
            if !offline {
                let caller = try session.connect(with: settings)
                let info = try caller.answer(to: .getServerInfo, .init())
                session.say("\(settings.server) knows you as \(info.caller.tenant)")
            }
            let name = name ?? settings.server.description
            contexts.contexts[name] = settings.context(in: session.origin.workingDirectory)
            contexts.current = name
            try store.save(contexts)
            session.say("'\(name)' is the current context")
            return .success
        }
    }

    /// `cmdctl auth logout`: forgets a context.
    struct Logout: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Forget a context, the current one unless another is named.",
            usage: "cmdctl auth logout [<name>]")

        @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

        @Argument(help: ArgumentHelp("The context.", valueName: "name"))
        var name: String?

        func perform(in session: Session) throws(Failure) -> ExitStatus {
            let store = try session.contextStore()
            var contexts = try store.load()
            guard let name = name ?? globals.context ?? contexts.current else {
                throw .local(
                    "there is no current context to forget",
                    remedy: "Name one of those that `cmdctl auth list` shows.")
            }
            guard contexts.contexts.removeValue(forKey: name) != nil else {
                throw contexts.missing(name)
            }
            if contexts.current == name { contexts.current = nil }
            try store.save(contexts)
            session.say("'\(name)' is forgotten; its certificate and key stay where they are")
            return .success
        }
    }

    /// `cmdctl auth use`: changes the current context.
    struct Use: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Make a context the current one.", usage: "cmdctl auth use <name>")

        @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

        @Argument(help: ArgumentHelp("The context.", valueName: "name"))
        var name: String

        func perform(in session: Session) throws(Failure) -> ExitStatus {
            let store = try session.contextStore()
            var contexts = try store.load()
            guard contexts.contexts[name] != nil else { throw contexts.missing(name) }
            contexts.current = name
            try store.save(contexts)
            session.say("'\(name)' is the current context")
            return .success
        }
    }

    /// `cmdctl auth list`: the contexts there are.
    struct List: Verb {
        static let configuration = CommandConfiguration(
            abstract: "List the stored contexts; a star marks the current one.",
            usage: "cmdctl auth list [options]", aliases: ["ls"])

        @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

        func perform(in session: Session) throws(Failure) -> ExitStatus {
            let contexts = try session.contextStore().load()
            let list = ContextList(contexts: contexts)
            try session.print(try list.text(as: globals.output ?? .table))
            return .success
        }
    }
}
