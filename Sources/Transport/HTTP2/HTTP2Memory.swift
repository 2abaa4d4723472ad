internal import CNGHTTP2
internal import Glibc

/// Where nghttp2's memory comes from: malloc(3), but for its frame buffers.
///
/// Each session has one of 16 KiB, of which an idle connection has used the first hundred bytes. The
/// rest may have been used before, by a handshake perhaps, and is given back: pages that nobody
/// touches again cost nothing.
enum HTTP2Memory {
    /// What a new session copies.
    static var table: nghttp2_mem {
        unsafe nghttp2_mem(
            mem_user_data: nil,
            malloc: { size, _ in unsafe allocate(size) },
            free: { memory, _ in unsafe free(memory) },
            calloc: { count, size, _ in unsafe calloc(count, size) },
            realloc: { memory, size, _ in
                // Which is how nghttp2 gets its buffers.
                guard let memory = unsafe memory else { return unsafe allocate(size) }
                return unsafe realloc(memory, size)
            })
    }
}

private let pageBytes = Int(getpagesize())

private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size >= HTTP2Limits.frameBytesBuffered else { return unsafe malloc(size) }
    let wholePages = (size + pageBytes - 1) / pageBytes * pageBytes
    let memory = unsafe aligned_alloc(pageBytes, wholePages)
    // If that fails, the pages just stay. malloc's own notes lie before and behind them.
    if let memory = unsafe memory { _ = unsafe madvise(memory, wholePages, MADV_DONTNEED) }
    return unsafe memory
}
