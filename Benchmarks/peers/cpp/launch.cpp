#include "launch.h"

#include "failure.h"

#include <csignal>
#include <fcntl.h>
#include <map>
#include <spawn.h>
#include <unistd.h>
#include <vector>

namespace {

std::vector<std::string> words_of(const cmdctl::v1::Command &command) {
    if (command.has_shell()) return {"/bin/sh", "-c", command.shell()};
    std::vector<std::string> words = {command.argv().program()};
    words.insert(words.end(), command.argv().arguments().begin(), command.argv().arguments().end());
    return words;
}

std::vector<std::string> environment_of(const cmdctl::v1::JobSpec &spec, const std::string &id) {
    std::map<std::string, std::string> values(spec.environment().begin(), spec.environment().end());
    values.emplace("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    values.emplace("HOME", "/");
    values["CMDCTL_JOB_ID"] = id;
    std::vector<std::string> result;
    for (const auto &[name, value] : values) result.push_back(name + "=" + value);
    return result;
}

std::vector<char *> pointers(std::vector<std::string> &words) {
    std::vector<char *> result;
    for (std::string &word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

// What gRPC ignores and the peer blocks is none of the job's business.
class Attributes {
public:
    Attributes() {
        posix_spawnattr_init(&value_);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&value_, &signals);
        sigaddset(&signals, SIGPIPE);
        posix_spawnattr_setsigdefault(&value_, &signals);
        posix_spawnattr_setflags(
            &value_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    Attributes(const Attributes &) = delete;
    ~Attributes() { posix_spawnattr_destroy(&value_); }

    const posix_spawnattr_t *value() const { return &value_; }

private:
    posix_spawnattr_t value_;
};

class FileActions {
public:
    FileActions(const std::string &directory, int output) {
        posix_spawn_file_actions_init(&value_);
        posix_spawn_file_actions_addopen(&value_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&value_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&value_, output, STDERR_FILENO);
        posix_spawn_file_actions_addchdir_np(&value_, directory.c_str());
    }
    FileActions(const FileActions &) = delete;
    ~FileActions() { posix_spawn_file_actions_destroy(&value_); }

    const posix_spawn_file_actions_t *value() const { return &value_; }

private:
    posix_spawn_file_actions_t value_;
};

}  // namespace

pid_t launch(const cmdctl::v1::JobSpec &spec, const std::string &id, int output) {
    std::vector<std::string> words = words_of(spec.command());
    std::vector<std::string> environment = environment_of(spec, id);
    std::string directory = spec.working_directory().empty() ? "/" : spec.working_directory();
    Attributes attributes;
    FileActions actions(directory, output);
    pid_t pid;
    // It says in its result, not in errno, what went wrong.
    errno = posix_spawnp(
        &pid, words[0].c_str(), actions.value(), attributes.value(), pointers(words).data(),
        pointers(environment).data());
    if (errno != 0) fail(words[0]);
    return pid;
}
