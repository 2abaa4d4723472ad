import CLinux
import Glibc

/// Descriptors that can be duplicated one after the other: no target is the source of a later one.
struct SpawnSources: ~Copyable {
    let actions: [ProcessSpawn.FileAction]

    /// The number above all targets.
    let firstFree: Int32

    /// Copies of sources out of the targets' way; close-on-exec, so the child never sees them.
    private let copies: [Int32]

    init(_ actions: [ProcessSpawn.FileAction]) throws(Errno) {
        firstFree = (actions.map(\.target).max() ?? -1) + 1
        var copies: [Int32] = []
        do throws(Errno) {
            self.actions = try Self.withoutCollisions(actions, firstFree: firstFree, &copies)
        } catch {
            copies.forEach(closing)
            throw error
        }
        self.copies = copies
    }

    deinit {
        copies.forEach(closing)
    }

    /// The duplications run one after the other, so each source that another one has as its
    /// target is first copied to a number above all targets.
    private static func withoutCollisions(
        _ actions: [ProcessSpawn.FileAction], firstFree: Int32, _ copies: inout [Int32]
    ) throws(Errno) -> [ProcessSpawn.FileAction] {
        var result = actions
        for index in result.indices {
            let source = result[index].source
            guard actions.contains(where: { $0.target == source && $0.source != source })
            else { continue }
            let copy = try retrying("fcntl") { fcntl(source, F_DUPFD_CLOEXEC, firstFree) }
            copies.append(copy)
            result[index].source = copy
        }
        return result
    }
}

/// What posix_spawn(3) does with descriptors between the birth of the child and its program.
@safe
struct SpawnActions: ~Copyable {
    /// Lives as long as this value.
    let pointer: UnsafeMutablePointer<posix_spawn_file_actions_t>

    init(_ sources: borrowing SpawnSources) throws(Errno) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe posix_spawn_file_actions_init(pointer)
        do throws(Errno) {
            for action in sources.actions {
                // With equal numbers glibc clears FD_CLOEXEC instead, since 2.29.
                let (source, target) = (action.source, action.target)
                try numbered("posix_spawn_file_actions_adddup2") { [pointer = unsafe pointer] in
                    unsafe posix_spawn_file_actions_adddup2(pointer, source, target)
                }
            }
            try unsafe Self.closeOthers(
                than: sources.actions, firstFree: sources.firstFree, in: pointer)
        } catch {
            unsafe Self.free(pointer)
            throw error
        }
    }

    deinit {
        unsafe Self.free(pointer)
    }

    private static func free(_ pointer: UnsafeMutablePointer<posix_spawn_file_actions_t>) {
        unsafe posix_spawn_file_actions_destroy(pointer)
        unsafe pointer.deallocate()
    }

    /// Ours are close-on-exec, but not the standard streams and those of libraries.
    private static func closeOthers(
        than actions: [ProcessSpawn.FileAction], firstFree: Int32,
        in pointer: UnsafeMutablePointer<posix_spawn_file_actions_t>
    ) throws(Errno) {
        let targets = Set(actions.map(\.target))
        for raw in 0..<firstFree where !targets.contains(raw) {
            // Closing what is not open is no error here.
            try numbered("posix_spawn_file_actions_addclose") {
                unsafe posix_spawn_file_actions_addclose(pointer, raw)
            }
        }
        try numbered("posix_spawn_file_actions_addclosefrom_np") {
            unsafe clinux_spawn_close_from(pointer, firstFree)
        }
    }
}

/// A child begins with every signal at its default and none blocked, whatever this thread does.
@safe
struct SpawnAttributes: ~Copyable {
    /// Lives as long as this value.
    let pointer: UnsafeMutablePointer<posix_spawnattr_t>

    init() {
        unsafe pointer = .allocate(capacity: 1)
        unsafe posix_spawnattr_init(pointer)
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(pointer, &none)
        unsafe posix_spawnattr_setsigdefault(pointer, &all)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        unsafe posix_spawnattr_setflags(pointer, flags)
    }

    deinit {
        unsafe posix_spawnattr_destroy(pointer)
        unsafe pointer.deallocate()
    }
}

/// A null-terminated array of C strings, as execve(2) takes it.
@safe
struct CStringArray: ~Copyable {
    /// Lives as long as this value.
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// Copies the strings; a NUL within one would cut it short without a word.
    init(_ strings: [String]) throws(Errno) {
        guard !strings.contains(where: { $0.utf8.contains(0) }) else { throw .invalidArgument }
        count = strings.count
        unsafe pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { unsafe pointers[index] = strdup(string) }
        unsafe pointers[count] = nil
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
