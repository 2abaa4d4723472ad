import Foundation
import Testing

/// A way of writing that some part of the code does without, and why.
struct BannedWord: CustomTestStringConvertible {
    let name: String
    /// What to write instead, or why not to.
    let reason: String
    let scope: @Sendable (SourceFile) -> Bool
    /// In the syntax of NSRegularExpression, which is many times faster here than Regex.
    let pattern: String
    /// Paths (or their endings) that exist to hold this very thing.
    let except: [String]
    /// A line that must be found, so that the rule is known to bite.
    let example: String

    var testDescription: String { name }

    init(
        _ name: String, because reason: String,
        in scope: @escaping @Sendable (SourceFile) -> Bool, except: [String] = [],
        example: String, pattern: String
    ) {
        self.name = name
        self.reason = reason
        self.scope = scope
        self.pattern = pattern
        self.except = except
        self.example = example
    }

    func offences(in file: SourceFile) throws -> [Offence] {
        guard scope(file), !except.contains(where: { file.path.hasSuffix($0) }) else { return [] }
        let expression = try NSRegularExpression(pattern: pattern)
        return file.code.indices.compactMap { index in
            let line = file.code[index]
            let range = NSRange(line.startIndex..., in: line)
            guard expression.firstMatch(in: line, range: range) != nil else { return nil }
            return Offence(path: file.path, line: index + 1, text: file.lines[index])
        }
    }
}

/// Rooms in which one thread runs one loop.
private let loopRooms: Set<String> = [
    "Netlink", "Reactor", "Transport", "Jobs", "Server", "Client", "ShimProtocol", "ShimCore",
    "Shim",
]

@Sendable private func everywhere(_ file: SourceFile) -> Bool { true }
@Sendable private func product(_ file: SourceFile) -> Bool { !file.isTest }
@Sendable private func tests(_ file: SourceFile) -> Bool { file.isTest }
@Sendable private func loop(_ file: SourceFile) -> Bool {
    !file.isTest && loopRooms.contains(file.room)
}

extension BannedWord {
    static let all = inputs + confinement + habits

    /// Time, chance and identity are inputs, so that the simulated machine can supply them.
    private static let inputs = [
        BannedWord(
            "clocks", because: "time is an input: reactor.now, kernel.wallClockNow",
            in: product,
            except: ["Reactor/System/LinuxKernel.swift", "ShimCore/Linux/LinuxSystem.swift"],
            example: "let start = ContinuousClock.now",
            pattern: #"ContinuousClock|SuspendingClock|clock_gettime|\bDate\(\)|\btime\(nil\)"#),
        BannedWord(
            "chance", because: "chance is an input: kernel.fillRandom", in: product,
            except: ["Reactor/System/LinuxKernel.swift"],
            example: "let id = UUID()",
            pattern: #"\bUUID\(\)|\.random\(|SystemRandomNumberGenerator|\bgetrandom\("#),
        BannedWord(
            "environment", because: "the environment is read where the program starts",
            in: product,
            except: [
                "Client/Environment.swift", "Server/Environment.swift", "Server/StopAt.swift",
                "Shim/StopAt.swift",
            ],
            example: "if getenv(\"HOME\") != nil {}",
            pattern: #"\bgetenv\(|\bsecure_getenv\(|ProcessInfo\b"#),
    ]

    /// One thread, so nothing that another thread could be meant by.
    private static let confinement = [
        BannedWord(
            "concurrency", because: "one thread runs one loop; other threads come by the inbox",
            in: loop, except: [],
            example: "Task { await work() }",
            pattern: #"\basync\b|\bawait\b|\bTask\b|\bactor\b|@MainActor|DispatchQueue"#),
        BannedWord(
            "locks", because: "what one thread owns needs no lock", in: loop,
            // swift-log wants its handlers Sendable; ours counts the lines it had to drop. And three
            // threads spawn.
            except: [
                "Reactor/Inbox.swift", "Reactor/WorkResult.swift", "Reactor/System/Worker.swift",
                "Reactor/System/Nursery.swift",
                "Server/Observability/DiagnosticStream.swift", "Server/StopAt.swift",
            ],
            example: "let state = Mutex(0)",
            pattern: #"\bMutex\b|\bAtomic<|pthread_(?!sigmask)|NSLock|import Synchronization"#),
        BannedWord(
            "unchecked", because: "the compiler proves the confinement only where it is asked",
            in: everywhere,
            // OpenSSL's table of callbacks: a pointer, written once and then only read.
            except: ["Transport/TLS/TLSCallbacks.swift"],
            example: "nonisolated(unsafe) var x = 0",
            pattern: #"nonisolated\(unsafe\)|@unchecked"#),
        BannedWord(
            "global variables", because: "state has an owner, which is passed in", in: everywhere,
            example: "var counter = 0",
            pattern: #"^(?:(?:package|public|private|fileprivate|internal) )?var [^{]*$"#),
        BannedWord(
            "static variables", because: "state has an owner, which is passed in", in: everywhere,
            example: "    static var shared = 0",
            pattern: #"\bstatic var [A-Za-z]+(?:: [^{=]+)? ="#),
        BannedWord(
            "errno", because: "one funnel per side reads errno, right after the call",
            // Where a parameter or a case bears the name, the variable of C cannot be meant.
            in: {
                product($0)
                    && !$0.code.contains { $0.contains(#/let errno\b|errno: Int32|errno in$/#) }
            },
            except: ["Reactor/System/Syscall.swift", "ShimCore/Linux/Syscall.swift"],
            example: "if errno == EINTR {}", pattern: #"\berrno\b(?!:)"#),
    ]

    /// What a reader should not meet.
    private static let habits = [
        BannedWord(
            "force", because: "say what is impossible with a precondition", in: product,
            example: "try! open()", pattern: #"\btry!|\bas!|\bfatalError\("#),
        BannedWord(
            "sleep in a test", because: "wait for the event, and bound the wait", in: tests,
            example: "usleep(1000)",
            pattern: #"(?:^|[^.\w])(?:u|nano)?sleep\(|(?:Task|Thread)\.sleep"#),
        BannedWord(
            "exit test", because: "it waits for ever beside a child that nobody reaps", in: tests,
            example: "await #expect(processExitsWith: .failure) {",
            pattern: #"\bprocessExitsWith\b"#),
        BannedWord(
            "skip", because: "what was not run was not shown to work",
            // What may be tried with namespaces and control groups is the host's to say.
            in: { file in
                tests(file) && !["NetlinkTests", "ShimTests"].contains(file.room)
                    && !["/Sandbox/", "/Network/", "/Linux/"].contains { file.path.contains($0) }
            },
            example: "@Test(.disabled())",
            pattern: #"\.disabled\(|\.enabled\(if|withKnownIssue|Test\.cancel"#),
        BannedWord(
            "print", because: "programs write through their reactor, libraries through a logger",
            in: product, example: "print(job)", pattern: #"^\s*print\("#),
        BannedWord(
            "vague names", because: "name the thing it is", in: everywhere,
            example: "struct JobManager {}",
            pattern: #"(?:class|struct|enum|protocol|actor) \w*(?:Manager|Helper|Utils?)\b"#),
    ]
}
