import Glibc

/// Removes a directory of the working directory with all that is in it, however deep that goes.
///
/// An archive can make directories nest deeper than any path is long, so nothing here goes down: a
/// directory that is found moves up beside the first one, and waits for its turn there. No link is
/// followed.
struct TreeRemover {
    /// Before the names of what waits; `prefix` is one that nobody else uses.
    private let prefix: String
    private var waiting: [String]
    private var count = 0

    init(removing name: String) {
        prefix = "\(name).part"
        waiting = [name]
    }

    /// Removes it; what is not there is no failure.
    mutating func run() throws(SystemError) {
        while let name = waiting.popLast() {
            do throws(SystemError) {
                try empty(name)
                _ = try retrying { rmdir(name) }
            } catch {
                guard error.number != ENOENT else { continue }
                guard error.number == ENOTDIR || error.number == ELOOP else { throw error }
                _ = try retrying { unlink(name) }
            }
        }
        // Parts of it that an earlier try has left are found by whoever sweeps next.
    }

    private mutating func empty(_ name: String) throws(SystemError) {
        let directory = try retrying {
            open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        guard let stream = fdopendir(directory) else { throw SystemError(number: ENOMEM) }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) {
                Array($0.prefix { $0 != 0 }).map(CChar.init(bitPattern:)) + [0]
            }
            guard bytes != [0x2E, 0], bytes != [0x2E, 0x2E, 0] else { continue }
            try remove(bytes, from: directory)
        }
    }

    private mutating func remove(_ name: [CChar], from directory: Int32) throws(SystemError) {
        do throws(SystemError) {
            _ = try retrying { unlinkat(directory, name, 0) }
        } catch {
            // A directory, unlink(2): Linux says EISDIR, POSIX EPERM.
            guard error.number == EISDIR || error.number == EPERM else { throw error }
            waiting.append(try lift(name, from: directory))
        }
    }

    /// Moves a directory up, to the first name on which nothing lies that an earlier try has left.
    private mutating func lift(
        _ name: [CChar], from directory: Int32
    ) throws(SystemError) -> String {
        while true {
            count += 1
            let place = "\(prefix)\(count)"
            do throws(SystemError) {
                _ = try retrying { renameat(directory, name, AT_FDCWD, place) }
                return place
            } catch {
                // rename(2) takes the place of an empty one.
                guard error.number == ENOTEMPTY || error.number == EEXIST else { throw error }
            }
        }
    }
}
