import Glibc

// Three functions of glibc that the Glibc module hides, because Swift imports its headers without
// _GNU_SOURCE. Their signatures are in pipe(2), pidfd_open(2) and posix_spawn(3).

@_silgen_name("pipe2")
func pipe2(_ ends: UnsafeMutablePointer<Int32>, _ flags: Int32) -> Int32

@_silgen_name("pidfd_open")
func pidfd_open(_ pid: pid_t, _ flags: UInt32) -> Int32

@discardableResult
@_silgen_name("posix_spawn_file_actions_addchdir_np")
func posix_spawn_file_actions_addchdir_np(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>,
    _ path: UnsafePointer<CChar>
) -> Int32
