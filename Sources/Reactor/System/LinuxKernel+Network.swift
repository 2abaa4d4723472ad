import CLinux
import Glibc

extension LinuxKernel {
    /// An answer takes 36 bytes, and nobody asks for a thousand things at once.
    private static let netlinkAnswersSizeMax = 64 << 10

    package func exchangeNetlink(family: Int32, _ request: [UInt8]) throws(Errno) -> [UInt8] {
        let answers = Buffer(capacity: Self.netlinkAnswersSizeMax)
        let count = try unsafe answers.withWritableBytes { (room) throws(Errno) in
            try retrying("netlink") {
                unsafe clinux_exchange_netlink(
                    family, request, request.count, room.baseAddress, room.count)
            }
        }
        answers.commit(count)
        return answers.bytes
    }
}
