import Glibc

// The one place that reads errno. Every call that can fail goes through here, so that an interrupted
// one is repeated and a call that was given rubbish ends the program by name.

/// Makes a system call that answers -1 on failure, again and again while signals interrupt it.
@inline(__always)
func retrying<Answer: FixedWidthInteger & SignedInteger>(
    _ name: StaticString, _ call: () -> Answer
) throws(Errno) -> Answer {
    while true {
        do throws(Errno) {
            return try once(name, call)
        } catch .interrupted {}
    }
}

/// Makes a system call that answers -1 on failure, for which an interruption is news.
@inline(__always)
func once<Answer: FixedWidthInteger & SignedInteger>(
    _ name: StaticString, _ call: () -> Answer
) throws(Errno) -> Answer {
    let answer = call()
    guard answer == -1 else { return answer }
    throw refusal(of: name, errno)
}

/// Makes a call that answers a null pointer on failure.
func pointer<Pointee>(
    _ name: StaticString, _ call: () -> Pointee?
) throws(Errno) -> Pointee {
    guard let answer = call() else { throw refusal(of: name, errno) }
    return answer
}

/// Makes a call like readdir(3), which answers a null pointer at the end as well as on failure.
func pointerOrEnd<Pointee>(
    _ name: StaticString, _ call: () -> Pointee?
) throws(Errno) -> Pointee? {
    errno = 0
    if let answer = call() { return answer }
    if errno != 0 { throw refusal(of: name, errno) }
    return nil
}

/// Makes a call that answers the error number itself, as the pthread and posix_spawn families do.
func numbered(_ name: StaticString, _ call: () -> Int32) throws(Errno) {
    let number = call()
    if number != 0 { throw refusal(of: name, number) }
}

/// Makes a call that answers a negated error number, as those of liburing do.
@discardableResult
func negated(_ name: StaticString, _ call: () -> Int32) throws(Errno) -> Int32 {
    try outcome(of: name, negated: call()).map { Int32($0) }.get()
}

/// What an answer means that is a negated error number if it is negative.
@inline(__always)
func outcome(of name: StaticString, negated answer: Int32) -> Outcome {
    answer < 0 ? .failure(refusal(of: name, -answer)) : .success(Int(answer))
}

/// Makes a call like ``retrying(_:_:)``, with the error as a value.
@inline(__always)
func outcome(of name: StaticString, _ call: () -> Int) -> Outcome {
    do throws(Errno) {
        return .success(try retrying(name, call))
    } catch {
        return .failure(error)
    }
}

/// Closes a descriptor, once.
///
/// After EINTR or EIO the number is free and may be somebody else's already. close(2).
func closing(_ raw: Int32) {
    if close(raw) == -1 { _ = refusal(of: "close", errno) }
}

/// EBADF and EFAULT are never bad luck: somebody used a descriptor or memory that he had given
/// up, and the next call might hit somebody else's.
private func refusal(of name: StaticString, _ number: Int32) -> Errno {
    switch number {
    case EBADF: crash("\(name): not an open descriptor")
    case EFAULT: crash("\(name): not our memory")
    default: Errno(rawValue: number)
    }
}

/// A precondition of a release build fails without a word; this one names the call.
private func crash(_ what: String) -> Never {
    let line = "\(what)\n"
    _ = unsafe write(STDERR_FILENO, line, line.utf8.count)
    preconditionFailure(what)
}
