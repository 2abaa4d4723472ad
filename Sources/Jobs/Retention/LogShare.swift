/// What each log may take so that all together stay within a bound.
///
/// Those that take little keep what they have, and the others get equal shares of the rest. Pure.
enum LogShare {
    /// The share; nil if all have room as they are.
    static func share(of total: UInt64, among sizes: [UInt64]) -> UInt64? {
        var left = total
        var count = UInt64(sizes.count)
        for size in sizes.sorted() {
            guard size <= left / count else { return left / count }
            left -= size
            count -= 1
        }
        return nil
    }
}
