import Glibc
import ShimCore

/// `cmdctl-shim`: runs one job, as the plan on descriptor 3 says.
@main
enum Main {
    static func main() {
        exit(Shim.main(system: LinuxSystem()).rawValue)
    }
}
