import COpenSSL

// Everything that OpenSSL calls back, in one place.
//
// Lifetimes: a callback that belongs to a session gets a pointer to its `TLSWires`, unretained. The
// session owns the wires and the SSL object, which owns the BIO; OpenSSL calls only from inside
// calls that the session makes; the SSL object is freed before the wires are let go. All others
// get nothing and keep nothing.

/// The BIO behind which a session's ``TLSWires`` are.
enum WiresBIO {
    /// Made once and never changed or freed: OpenSSL only reads it, from any thread.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wires")
        unsafe BIO_meth_set_read(method, readFromWires)
        unsafe BIO_meth_set_write(method, writeToWires)
        unsafe BIO_meth_set_ctrl(method, controlWires)
        return unsafe method
    }()

    /// Makes a BIO; the wires must outlive it.
    static func make(over wires: TLSWires) -> OpaquePointer {
        guard let bio = unsafe BIO_new(method) else { preconditionFailure("no memory") }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(wires).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }
}

private func readFromWires(
    bio: OpaquePointer?, data: UnsafeMutablePointer<CChar>?, count: Int32
) -> Int32 {
    unsafe copenssl_bio_clear_retry_flags(bio)
    let space = unsafe UnsafeMutableRawBufferPointer(start: data, count: Int(count))
    switch unsafe wires(BIO_get_data(bio)).read(into: space) {
    case .bytes(let count):
        return Int32(count)
    case .nothingYet:
        unsafe copenssl_bio_set_retry_read(bio)
        return -1
    case .failed:
        return -1
    }
}

private func writeToWires(
    bio: OpaquePointer?, data: UnsafePointer<CChar>?, count: Int32
) -> Int32 {
    unsafe copenssl_bio_clear_retry_flags(bio)
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: Int(count))
    return unsafe wires(BIO_get_data(bio)).write(bytes) ? count : -1
}

/// Nothing is held back, so a flush succeeds; everything else is a question with the answer 0.
private func controlWires(
    bio: OpaquePointer?, command: Int32, number: Int, pointer: UnsafeMutableRawPointer?
) -> Int {
    command == BIO_CTRL_FLUSH ? 1 : 0
}

private func wires(_ pointer: UnsafeMutableRawPointer?) -> TLSWires {
    guard let pointer = unsafe pointer else { preconditionFailure("a BIO without wires") }
    return unsafe Unmanaged<TLSWires>.fromOpaque(pointer).takeUnretainedValue()
}

/// Sees every message of TLS; its last argument is the session's ``TLSWires``.
///
/// It is the only place where OpenSSL tells about key updates of the peer.
func observeMessage(
    isSent: Int32, version: Int32, contentType: Int32, message: UnsafeRawPointer?, count: Int,
    ssl: OpaquePointer?, argument: UnsafeMutableRawPointer?
) {
    guard isSent == 0, contentType == SSL3_RT_HANDSHAKE, count > 0,
        unsafe message?.load(as: UInt8.self) == UInt8(SSL3_MT_KEY_UPDATE)
    else { return }
    unsafe wires(argument).keyUpdateReceived()
}

/// The application protocols that we speak, as ALPN writes them (RFC 7301, section 3.1).
let applicationProtocols: [UInt8] = [2] + Array("h2".utf8)

/// Refuses a client that does not know ALPN, before anything is signed for it.
///
/// RFC 9113 (section 3.2) makes ALPN a duty of HTTP/2 over TLS; who leaves it out speaks something
/// else and gets the alert `no_application_protocol`, as one does who offers the wrong protocols.
func requireApplicationProtocol(
    ssl: OpaquePointer?, alert: UnsafeMutablePointer<Int32>?, argument: UnsafeMutableRawPointer?
) -> Int32 {
    let kind = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
    let isThere = unsafe SSL_client_hello_get0_ext(ssl, kind, nil, nil) == 1
    guard !isThere else { return SSL_CLIENT_HELLO_SUCCESS }
    unsafe alert?.pointee = Int32(SSL_AD_NO_APPLICATION_PROTOCOL)
    return SSL_CLIENT_HELLO_ERROR
}

/// Chooses the server's application protocol; without a common one the client gets the alert
/// `no_application_protocol`.
func selectApplicationProtocol(
    ssl: OpaquePointer?, selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    selectedCount: UnsafeMutablePointer<UInt8>?, offered: UnsafePointer<UInt8>?,
    offeredCount: UInt32, argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    var rest = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))[...]
    while let length = unsafe rest.first.map(Int.init), unsafe length < rest.count {
        let name = unsafe rest.dropFirst().prefix(length)
        if unsafe name.elementsEqual("h2".utf8) {
            // OpenSSL copies it before the client's message goes away.
            unsafe selected?.pointee = UnsafeBufferPointer(rebasing: name).baseAddress
            unsafe selectedCount?.pointee = UInt8(length)
            return SSL_TLSEXT_ERR_OK
        }
        unsafe rest = rest.dropFirst(1 + length)
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// Looks at each certificate of a server's chain after OpenSSL, the server's own last.
///
/// A server that chose no application protocol at all, because it does not know ALPN, is refused
/// here rather than at its first message, so that a certificate that must be refused is refused
/// for its own sake and with its own alert.
func reviewVerification(isAccepted: Int32, store: OpaquePointer?) -> Int32 {
    guard isAccepted == 1, unsafe X509_STORE_CTX_get_error_depth(store) == 0 else {
        return isAccepted
    }
    let ssl = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
    if unsafe negotiatedHTTP2(OpaquePointer(ssl)) {
        return 1
    }
    unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
    return 0
}

/// Whether both ends have agreed on `h2`.
func negotiatedHTTP2(_ ssl: OpaquePointer?) -> Bool {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &name, &count)
    return unsafe UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual("h2".utf8)
}

/// Asked for the passphrase of an encrypted key: there is none, and nobody is asked at a terminal.
func refusePassphrase(
    into space: UnsafeMutablePointer<CChar>?, capacity: Int32, isForWriting: Int32,
    argument: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}
