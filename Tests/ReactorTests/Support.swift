import Foundation
import Glibc

/// Lets this process open descriptors below that number only.
func setDescriptorLimit(to limit: Int) {
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    limits.rlim_cur = rlim_t(limit)
    let answer = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    precondition(answer == 0, "a limit can be lowered, and raised again to the hard one")
}

/// The number the next descriptor of this process gets.
func nextFreeDescriptor() -> Int {
    let next = dup(0)
    precondition(next >= 0, "there is a descriptor to spare")
    close(next)
    return Int(next)
}

/// The descriptors this process has open.
func openDescriptors() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
}
