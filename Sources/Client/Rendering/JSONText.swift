import SwiftProtobuf

/// The protobuf JSON mapping, on as many lines as a reader wants.
enum JSONText {
    /// One message, indented by two spaces, with a newline at its end.
    static func of(_ message: any Message) throws(Failure) -> String {
        do {
            return indented(try message.jsonString()) + "\n"
        } catch {
            throw .local("cannot write the answer as JSON: \(error)")
        }
    }

    /// Sets each member and element on a line of its own; changes nothing but white space.
    static func indented(_ compact: String) -> String {
        var text = ""
        var depth = 0
        var isInString = false
        var isEscaped = false
        var previous: Character = " "
        for character in compact {
            if isInString {
                text.append(character)
                isInString = isEscaped || character != "\""
                isEscaped = !isEscaped && character == "\\"
                previous = character
                continue
            }
            let closes = character == "}" || character == "]"
            depth -= closes ? 1 : 0
            if closes ? !"{[".contains(previous) : "{[".contains(previous) || previous == "," {
                text += "\n" + String(repeating: "  ", count: depth)
            }
            text.append(character)
            text += character == ":" ? " " : ""
            depth += character == "{" || character == "[" ? 1 : 0
            isInString = character == "\""
            previous = character
        }
        return text
    }

    /// A JSON string literal.
    static func quoted(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            // Terminals take those of the second row for commands, too.
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
