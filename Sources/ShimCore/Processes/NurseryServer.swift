import CLinux
import Glibc
import ShimProtocol

/// The nursery's end of the socket: the process that a daemon's shims are forked from, before it is
/// one of them.
///
/// The daemon's end is `Nursery`, in Reactor.
package enum NurseryServer {
    /// Whether the words behind the program's name say that this is it.
    package static func isMeant(by words: [String]) -> Bool {
        words.elementsEqual(ShimNursery.arguments.dropFirst())
    }

    /// Waits to be asked for shims; returns in each that is born.
    ///
    /// All that is ready here need not be made ready there.
    package static func awaitBirth(arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        let system = LinuxSystem()
        system.leaveDaemon()
        guard (try? system.silenceSignals()) != nil else { exit(EXIT_FAILURE) }
        system.hideFromOtherProcesses()
        Rehearsal(system: system).run()
        system.releaseFreeMemory()
        guard clinux_run_nursery(ShimNursery.door, arguments) == 1 else { exit(EXIT_SUCCESS) }
    }
}
