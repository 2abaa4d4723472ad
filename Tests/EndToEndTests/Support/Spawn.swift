import Glibc

/// A pipe that no other program inherits by accident.
struct Pipe {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw EndToEndFailure("no pipe") }
        (read, write) = (ends[0], ends[1])
    }
}

/// What a program is started with.
struct Spawn {
    let path: String
    let arguments: [String]
    /// Added to a minimal environment, in which nothing of the caller's can change a result.
    var environment: [String: String] = [:]
    var workingDirectory: String?

    /// Starts it, with an empty standard input and the given descriptors as its outputs.
    func start(output: Int32, errorOutput: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errorOutput, 2)
        if let workingDirectory {
            posix_spawn_file_actions_addchdir_np(&actions, workingDirectory)
        }
        var attributes = try Self.defaultSignals()
        defer { posix_spawnattr_destroy(&attributes) }
        return try withCStrings([path] + arguments) { argv in
            try withCStrings(fullEnvironment) { environment in
                var pid: pid_t = 0
                let error = posix_spawn(&pid, path, &actions, &attributes, argv, environment)
                guard error == 0 else {
                    throw EndToEndFailure("\(path): \(String(cString: strerror(error)))")
                }
                return pid
            }
        }
    }

    private var fullEnvironment: [String] {
        let minimum = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent",
        ]
        return minimum.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    }

    /// The test process may ignore or block signals; the program under test starts as from a shell.
    private static func defaultSignals() throws -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var all = sigset_t()
        sigfillset(&all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        return attributes
    }

    private func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Result
    ) rethrows -> Result {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return try body(pointers + [nil])
    }
}
