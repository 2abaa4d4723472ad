// All jobs that were started since the peer was.
#ifndef PEER_JOB_STORE_H
#define PEER_JOB_STORE_H

#include "job.h"

#include <memory>
#include <string>
#include <unordered_map>

class JobStore {
public:
    JobStore(std::string directory, KernelEvents &events)
        : directory_(std::move(directory)), events_(events) {}

    // Answers when the command runs; throws if it cannot.
    Job &start(const cmdctl::v1::JobSpec &spec);

    // Null if there is none of that identifier.
    Job *find(const std::string &id) const;

    void kill_all();

private:
    std::string directory_;
    KernelEvents &events_;
    std::unordered_map<std::string, std::unique_ptr<Job>> jobs_;
};

#endif
