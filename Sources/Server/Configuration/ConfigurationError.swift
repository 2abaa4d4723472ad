/// Why the daemon cannot understand what it was told; each says what, why and what to do.
enum ConfigurationError: Error, Equatable {
    case unreadable(file: String, problem: String)
    case notYAML(file: String, line: Int?, problem: String)
    case notAMapping(file: String)
    case unknownKey(String, file: String, line: Int?, nearest: Setting)
    case repeatedKey(String, file: String, line: Int)
    case wrongType(Setting, file: String, line: Int?, found: String)
    case invalid(Setting, SettingValue, expected: String)
    case missing([Setting])

    /// One sentence for the operator.
    var sentence: String {
        switch self {
        case .unreadable(let file, let problem):
            "cannot read the configuration file \(file): \(problem); "
                + "check the path and its permissions"
        case .notYAML(let file, let line, let problem):
            "\(place(file, line)): this is not YAML: \(problem); "
                + "values with colons or brackets may need quotes"
        case .notAMapping(let file):
            "\(file): the file must hold lines of the form \"key: value\"; "
                + "the keys are \(list(Setting.allCases))"
        case .unknownKey(let key, let file, let line, let nearest):
            "\(place(file, line)): unknown key \"\(key)\"; "
                + "the nearest known key is \"\(nearest.rawValue)\""
        case .repeatedKey(let key, let file, let line):
            "\(place(file, line)): the key \"\(key)\" stands there twice; remove one"
        case .wrongType(let setting, let file, let line, let found):
            "\(place(file, line)): \"\(setting.rawValue)\" must be text, not \(found); "
                + "put quotes around it if text is meant"
        case .invalid(let setting, let value, let expected):
            "\(name(setting, value.origin)) is \"\(value.text)\"; it must be \(expected)"
        case .missing(let settings):
            "the daemon needs \(list(settings)); give each as a flag "
                + "(\(settings.map(\.flag).joined(separator: ", "))) or in the file of --config"
        }
    }
}

private func place(_ file: String, _ line: Int?) -> String {
    line.map { "\(file), line \($0)" } ?? file
}

private func list(_ settings: [Setting]) -> String {
    settings.map(\.rawValue).joined(separator: ", ")
}

private func name(_ setting: Setting, _ origin: SettingValue.Origin) -> String {
    switch origin {
    case .flag: setting.flag
    case .file(let file, let line): "\(place(file, line)): \"\(setting.rawValue)\""
    case .builtIn: "the default of \(setting.flag)"
    }
}
