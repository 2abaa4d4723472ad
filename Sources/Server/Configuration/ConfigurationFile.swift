import Yams

/// The configuration file: a YAML mapping of ``Setting`` keys to text, read strictly.
///
/// A key nobody knows and a value of another type are errors, because what is silently ignored is
/// found out in production.
struct ConfigurationFile {
    /// What the file says, by setting.
    let values: [Setting: SettingValue]

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: What the file holds.
    ///   - file: Its path, for errors, and the base of relative paths in it.
    /// - Throws: The first thing that is wrong.
    init(parsing text: String, file: String) throws(ConfigurationError) {
        guard let root = try Self.compose(text, file: file) else {
            values = [:]
            return
        }
        guard case .mapping(let mapping) = root else {
            throw .notAMapping(file: file)
        }
        var values: [Setting: SettingValue] = [:]
        for (key, value) in mapping {
            let setting = try Self.setting(of: key, file: file)
            values[setting] = try Self.value(of: setting, value, file: file)
        }
        self.values = values
    }

    private static func compose(_ text: String, file: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(error, file: file)
        } catch {
            throw .notYAML(file: file, line: nil, problem: "\(error)")
        }
    }

    private static func setting(of key: Node, file: String) throws(ConfigurationError) -> Setting {
        let word = key.scalar?.string ?? "(\(kind(of: key)))"
        guard let setting = Setting(rawValue: word) else {
            let nearest = Setting.nearest(to: word)
            throw .unknownKey(word, file: file, line: key.mark?.line, nearest: nearest)
        }
        return setting
    }

    private static func value(
        of setting: Setting, _ node: Node, file: String
    ) throws(ConfigurationError) -> SettingValue {
        let line = node.mark?.line
        let isFit = node.tag == Tag(.str) || setting.isNumber && node.tag == Tag(.int)
        guard let scalar = node.scalar, isFit else {
            throw .wrongType(setting, file: file, line: line, found: kind(of: node))
        }
        let text =
            setting.isPath ? path(scalar.string, relativeToDirectoryOf: file) : scalar.string
        return SettingValue(text: text, origin: .file(file, line: line))
    }

    /// A relative path means the same wherever the daemon is started from.
    private static func path(_ path: String, relativeToDirectoryOf file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    private static func kind(of node: Node) -> String {
        switch node {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar:
            switch node.tag {
            case Tag(.int), Tag(.float): return "a number"
            case Tag(.bool): return "true or false"
            case Tag(.null): return "empty"
            case Tag(.timestamp): return "a date"
            default: return "something else"
            }
        }
    }
}

extension ConfigurationError {
    fileprivate init(_ error: YamlError, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .notYAML(file: file, line: mark.line, problem: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            self = .repeatedKey(key, file: file, line: context.mark.line)
        default:
            self = .notYAML(file: file, line: nil, problem: "\(error)")
        }
    }
}
