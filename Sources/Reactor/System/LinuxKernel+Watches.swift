import CLinux
import Glibc

extension LinuxKernel {
    package func makeInotify() throws(Errno) -> OwnedDescriptor {
        let flags = Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC)
        return owned(try retrying("inotify_init1") { inotify_init1(flags) })
    }

    package func addWatch(inotify: Int32, path: String, mask: WatchMask) throws(Errno)
        -> WatchDescriptor
    {
        WatchDescriptor(
            rawValue: try retrying("inotify_add_watch") {
                unsafe inotify_add_watch(inotify, path, mask.rawValue)
            })
    }

    package func removeWatch(inotify: Int32, _ watch: WatchDescriptor) throws(Errno) {
        _ = try retrying("inotify_rm_watch") { inotify_rm_watch(inotify, watch.rawValue) }
    }
}
