import Glibc
import ShimCore

/// `cmdctl-shim`: runs one job, as the plan on descriptor 3 says.
@main
enum Main {
    static func main() {
        exit(Shim.main(system: makeSystem()).rawValue)
    }

    private static func makeSystem() -> LinuxSystem {
        #if DEBUG
            if let stopAt = StopAt() { return LinuxSystem(onStep: stopAt.reached) }
        #endif
        return LinuxSystem()
    }
}
