extension JobSpecification {
    /// Everything that is wrong with this specification, all together; empty if it can be tried.
    ///
    /// Whether the program exists, may be executed, or has more arguments than the kernel takes is
    /// for the kernel to say, when it is executed.
    public func validate() -> [SpecificationProblem] {
        commandProblems() + nameProblems() + environmentProblems() + workingDirectoryProblems()
            + labelProblems() + timeoutProblems() + limits.problems() + networkProblems()
            + userProblems() + logLimitProblems() + standardInputProblems()
            + imageProblems()
    }

    private func commandProblems() -> [SpecificationProblem] {
        switch command {
        case .program("", _):
            [SpecificationProblem(field: "command", sentence: Sentence.emptyCommand)]
        case .program(let program, let arguments):
            nulProblems(program, field: "command.argv.program")
                + arguments.enumerated().flatMap { index, argument in
                    nulProblems(argument, field: "command.argv.arguments[\(index)]")
                }
        case .shell(let line) where line.utf8.allSatisfy(isBlank):
            [SpecificationProblem(field: "command.shell", sentence: Sentence.emptyCommand)]
        case .shell(let line):
            nulProblems(line, field: "command.shell")
        }
    }

    private func nameProblems() -> [SpecificationProblem] {
        guard let name else { return [] }
        if JobID(name) != nil {
            return [SpecificationProblem(field: "name", sentence: Sentence.nameIsIdentifier)]
        }
        guard !isName(name, allowing: nameMarks) else { return [] }
        return [SpecificationProblem(field: "name", sentence: Sentence.nameSyntax)]
    }

    private func environmentProblems() -> [SpecificationProblem] {
        environment.sorted { $0.key < $1.key }.flatMap { name, value in
            let field = "environment[\(quoted(name))]"
            let problems =
                isVariableName(name)
                ? [] : [SpecificationProblem(field: field, sentence: Sentence.environmentName)]
            return problems + nulProblems(value, field: field)
        }
    }

    private func workingDirectoryProblems() -> [SpecificationProblem] {
        guard workingDirectory.utf8.first == UInt8(ascii: "/") else {
            return [
                SpecificationProblem(
                    field: "working_directory", sentence: Sentence.relativeDirectory)
            ]
        }
        return nulProblems(workingDirectory, field: "working_directory")
    }

    private func timeoutProblems() -> [SpecificationProblem] {
        guard let timeout, !(timeout > .zero && timeout <= timeoutLongest) else { return [] }
        return [SpecificationProblem(field: "timeout", sentence: Sentence.timeout)]
    }

    private func userProblems() -> [SpecificationProblem] {
        guard let user else { return [] }
        guard isolation == .host else {
            return [SpecificationProblem(field: "user", sentence: Sentence.ownUsers)]
        }
        return nulProblems(user, field: "user")
    }

    private func networkProblems() -> [SpecificationProblem] {
        guard isolation == .host, let network, network != .host else { return [] }
        return [SpecificationProblem(field: "network", sentence: Sentence.hostNetwork)]
    }

    private func logLimitProblems() -> [SpecificationProblem] {
        guard let bytes = logLimit.maxBytes, bytes < LogLimit.bytesMin else { return [] }
        return [SpecificationProblem(field: "log_limit.max_bytes", sentence: Sentence.logLimit)]
    }

    private func standardInputProblems() -> [SpecificationProblem] {
        guard standardInput.byteCount > StandardInput.byteCountMax else { return [] }
        return [SpecificationProblem(field: "standard_input", sentence: Sentence.standardInput)]
    }

    private func imageProblems() -> [SpecificationProblem] {
        switch (isolation, image) {
        case (.image, nil):
            [SpecificationProblem(field: "image", sentence: Sentence.noImage)]
        case (.image, let name?) where !Image.isName(name):
            [SpecificationProblem(field: "image", sentence: Image.nameRule)]
        case (.strict, _?), (.host, _?):
            [SpecificationProblem(field: "image", sentence: Sentence.needlessImage)]
        default: []
        }
    }

    private func labelProblems() -> [SpecificationProblem] {
        labels.sorted { $0.key < $1.key }.flatMap { key, value in
            let field = "labels[\(quoted(key))]"
            var problems: [SpecificationProblem] = []
            if !isName(key, allowing: labelMarks) {
                problems.append(SpecificationProblem(field: field, sentence: Sentence.labelKey))
            }
            if value.utf8.count > 255 || value.utf8.contains(where: isControl) {
                problems.append(SpecificationProblem(field: field, sentence: Sentence.labelValue))
            }
            return problems
        }
    }
}

private enum Sentence {
    static let emptyCommand = "The command is empty; name a program to run."
    static let nul = "It contains a NUL character, which no argument of a program can carry."
    static let nameSyntax = """
        A name has 1 to 63 letters, digits, '.', '_' or '-', and begins with a letter or digit.
        """
    static let nameIsIdentifier = "A name must not have the form of a job's identifier."
    static let environmentName = """
        The name of an environment variable must not be empty, and must not contain '=' or NUL.
        """
    static let relativeDirectory = "The working directory must be an absolute path."
    static let ownUsers = """
        Only a job with the isolation host runs as a user of the host; all others have their own.
        """
    static let noImage = "The isolation image needs the name of an image."
    static let needlessImage = "Only a job with the isolation image has an image."
    static let hostNetwork = """
        A job with the isolation host has the host's network; choose another isolation.
        """
    static let labelKey = """
        The key of a label has 1 to 63 letters, digits, '.', '_', '-' or '/', and begins with a \
        letter or digit.
        """
    static let standardInput = """
        At most \(StandardInput.byteCountMax) bytes can be given; put more into a file that the job \
        reads.
        """
    static let logLimit = """
        At least \(LogLimit.bytesMin) bytes of output and its index are kept; ask for as many or more.
        """
    static let timeout = "A time limit is more than nothing, and at most 100 years."
    static let labelValue = "The value of a label has at most 255 bytes and no control characters."
}

/// Longer is a slip of the hand, and on record are nanoseconds of 64 bits.
private let timeoutLongest = Duration.seconds(36_525 * 86_400)

private let nameMarks = Array("._-".utf8)
private let labelMarks = Array("._-/".utf8)

private func nulProblems(_ text: String, field: String) -> [SpecificationProblem] {
    text.utf8.contains(0) ? [SpecificationProblem(field: field, sentence: Sentence.nul)] : []
}

private func isName(_ text: String, allowing marks: [UInt8]) -> Bool {
    guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
    return text.utf8.count <= 63
        && text.utf8.allSatisfy { isLetterOrDigit($0) || marks.contains($0) }
}

private func isVariableName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 != UInt8(ascii: "=") && $0 != 0 }
}

private func isLetterOrDigit(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}

private func isBlank(_ character: UInt8) -> Bool {
    character == UInt8(ascii: " ") || (0x09...0x0D).contains(character)
}

private func isControl(_ character: UInt8) -> Bool {
    character < 0x20 || character == 0x7F
}
