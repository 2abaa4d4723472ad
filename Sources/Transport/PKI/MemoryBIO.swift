import COpenSSL

/// A growing buffer that OpenSSL's readers and writers of PEM can use.
@safe
struct MemoryBIO: ~Copyable {
    /// Never nil: `BIO_new` fails only when memory is exhausted, which ends the process anyway.
    let pointer: OpaquePointer

    /// Makes a buffer that holds a copy of some bytes.
    init(_ bytes: [UInt8] = []) {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else { preconditionFailure("no memory") }
        unsafe self.pointer = pointer
        let written = unsafe bytes.withUnsafeBytes {
            unsafe $0.isEmpty ? 0 : BIO_write(pointer, $0.baseAddress, Int32($0.count))
        }
        precondition(written == bytes.count, "a memory BIO takes everything")
    }

    deinit {
        unsafe BIO_free_all(pointer)
    }

    /// A copy of what has been written and not yet read.
    var bytes: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe copenssl_bio_get_mem_data(pointer, &start)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
