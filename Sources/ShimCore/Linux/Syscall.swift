import CLinux
import Glibc

/// Makes a system call that returns -1 on failure, again for as long as a signal interrupts it.
///
/// No other file of this room reads `errno`.
func retrying<Value: SignedInteger>(_ call: () -> Value) throws(SystemError) -> Value {
    while true {
        let result = call()
        if result != -1 { return result }
        let number = errno
        if number != EINTR { throw SystemError(number: number) }
    }
}

/// The errno of a call that only returns when it fails, as execve(2).
func failure(of call: () -> Int32) -> Int32 {
    _ = call()
    return errno
}

/// Closes what a fork has of the shim's: it is the shim's alone, above all the lock on the index.
func closeDescriptors(except kept: [Int32]) {
    var first: UInt32 = 0
    for descriptor in kept.sorted() {
        let number = UInt32(descriptor)
        if number > first { _ = clinux_close_range(first, number - 1) }
        // One that is named twice comes twice here.
        first = number + 1
    }
    _ = clinux_close_range(first, .max)
}
