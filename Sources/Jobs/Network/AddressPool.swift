import Netlink

/// Which address is which job's.
///
/// An address that was given back comes last again: packets for the job that had it may be on their
/// way for a while. Each job's record names its address, so that the next life of the supervisor
/// knows.
struct AddressPool {
    /// Neither the first and the last of the block, as networks have it, nor the gateway behind the
    /// first.
    private let numbers: ClosedRange<UInt32>
    /// How many jobs have an address: two, if the end of one was not on record when the next one got it.
    private var taken: [UInt32: Int] = [:]
    private var next: UInt32

    /// Gives out the addresses of a pool.
    init(_ settings: NetworkSettings) {
        let first = settings.pool.first.number
        numbers = (first + 2)...(first + UInt32(settings.pool.count) - 2)
        next = numbers.lowerBound
    }

    /// Whether no job has an address.
    var isEmpty: Bool { taken.isEmpty }

    /// The next free address; nil if all are taken.
    ///
    /// O(1), unless nearly all are.
    mutating func take() -> IPv4Address? {
        var tries = numbers.count
        while taken[next] != nil {
            tries -= 1
            guard tries > 0 else { return nil }
            next = number(after: next)
        }
        defer { next = number(after: next) }
        taken[next] = 1
        return IPv4Address(number: next)
    }

    /// Counts a job of an earlier life, which has its address already, of another pool perhaps.
    mutating func adopt(_ address: IPv4Address) {
        taken[address.number, default: 0] += 1
    }

    /// A job that had the address is gone.
    mutating func giveBack(_ address: IPv4Address) {
        guard let count = taken[address.number] else { preconditionFailure("nobody has it") }
        taken[address.number] = count > 1 ? count - 1 : nil
    }

    private func number(after number: UInt32) -> UInt32 {
        number == numbers.upperBound ? numbers.lowerBound : number + 1
    }
}
