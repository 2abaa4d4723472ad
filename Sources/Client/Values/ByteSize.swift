/// A number of bytes as people write it: `65536`, `100M`, `1G`; units are powers of 1024.
struct ByteSize: Equatable {
    let count: UInt64

    init(_ count: UInt64) {
        self.count = count
    }

    init(parsing text: String) throws(UsageProblem) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = String(text.dropFirst(digits.count)).uppercased()
        guard let number = UInt64(digits), let factor = Self.bytesPerUnit[unit] else {
            throw UsageProblem("Write a number of bytes, or of K, M, G or T, such as 100M or 1G.")
        }
        let product = number.multipliedReportingOverflow(by: factor)
        guard !product.overflow, product.partialValue <= UInt64(Int64.max) else {
            throw UsageProblem("It is more than any file can hold.")
        }
        count = product.partialValue
    }

    private static let bytesPerUnit: [String: UInt64] = [
        "": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40,
    ]
}
