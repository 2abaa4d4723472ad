// A command that runs or ran, and its log.
#ifndef PEER_JOB_H
#define PEER_JOB_H

#include "cmdctl/v1/job.pb.h"
#include "descriptor.h"
#include "kernel_events.h"
#include "tail.h"

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

class Job {
public:
    // Starts the command with its output in a log; throws if it cannot be.
    Job(std::string id, std::string log_path, const cmdctl::v1::JobSpec &spec,
        KernelEvents &events);
    Job(const Job &) = delete;

    const std::string &id() const { return id_; }
    bool has_ended() const { return pidfd_ == nullptr; }

    // What it is at this moment.
    void describe(cmdctl::v1::Job *description) const;

    // Calls when it has ended, at once if it has.
    void when_ended(std::function<void()> call);

    // What it writes, shared with all that follow it.
    std::shared_ptr<Tail> attach();

    // Ends all that it has started and that stayed in its session.
    void kill();

private:
    void end();

    std::string id_;
    std::string log_path_;
    cmdctl::v1::JobSpec spec_;
    KernelEvents &events_;
    timespec started_;
    pid_t pid_ = 0;
    std::unique_ptr<Descriptor> pidfd_;
    std::weak_ptr<Tail> tail_;
    std::vector<std::function<void()>> when_ended_;

    // Known when it has ended.
    timespec ended_ = {};
    siginfo_t exit_ = {};
    uint64_t size_ = 0;
};

#endif
