#include "job.h"

#include "launch.h"

#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

// glibc 2.36 forgets to say so itself.
extern "C" {
#include <sys/pidfd.h>
}

namespace {

timespec wall_clock() {
    timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time;
}

void set(google::protobuf::Timestamp *stamp, const timespec &time) {
    stamp->set_seconds(time.tv_sec);
    stamp->set_nanos(static_cast<int32_t>(time.tv_nsec));
}

}  // namespace

Job::Job(
    std::string id, std::string log_path, const cmdctl::v1::JobSpec &spec, KernelEvents &events)
    : id_(std::move(id)), log_path_(std::move(log_path)), spec_(spec), events_(events),
      started_(wall_clock()) {
    int flags = O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC;
    Descriptor output(open(log_path_.c_str(), flags, 0600), "open " + log_path_);
    pid_ = launch(spec_, id_, output.number());
    pidfd_ = std::make_unique<Descriptor>(pidfd_open(pid_, 0), "pidfd_open");
    events_.watch_descriptor(pidfd_->number(), [this] { end(); });
}

void Job::describe(cmdctl::v1::Job *description) const {
    description->set_id(id_);
    *description->mutable_spec() = spec_;
    set(description->mutable_create_time(), started_);
    set(description->mutable_start_time(), started_);
    description->set_state(cmdctl::v1::JOB_STATE_RUNNING);
    if (!has_ended()) return;
    description->set_state(cmdctl::v1::JOB_STATE_EXITED);
    set(description->mutable_end_time(), ended_);
    description->set_output_size(size_);
    bool exited = exit_.si_code == CLD_EXITED;
    exited ? description->set_exit_code(exit_.si_status) : description->set_signal(exit_.si_status);
    description->set_outcome(
        exited && exit_.si_status == 0 ? cmdctl::v1::JOB_OUTCOME_SUCCEEDED
                                       : cmdctl::v1::JOB_OUTCOME_FAILED);
}

void Job::when_ended(std::function<void()> call) {
    if (has_ended()) return call();
    when_ended_.push_back(std::move(call));
}

std::shared_ptr<Tail> Job::attach() {
    std::shared_ptr<Tail> tail = tail_.lock();
    if (tail == nullptr) {
        tail = std::make_shared<Tail>(log_path_, events_);
        tail_ = tail;
    }
    return tail;
}

void Job::kill() {
    if (!has_ended()) ::kill(-pid_, SIGKILL);
}

void Job::end() {
    if (waitid(P_PIDFD, static_cast<id_t>(pidfd_->number()), &exit_, WEXITED) != 0) fail("waitid");
    events_.forget_descriptor(pidfd_->number());
    pidfd_ = nullptr;
    ended_ = wall_clock();
    struct stat status;
    if (stat(log_path_.c_str(), &status) == 0) size_ = static_cast<uint64_t>(status.st_size);
    for (auto &call : std::exchange(when_ended_, {})) call();
    if (std::shared_ptr<Tail> tail = tail_.lock()) tail->update();
}
