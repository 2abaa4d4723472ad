#ifndef PEER_LAUNCH_H
#define PEER_LAUNCH_H

#include "cmdctl/v1/job.pb.h"

#include <string>
#include <sys/types.h>

// Starts what is asked for in a session of its own, with both streams at the end of a descriptor;
// throws if it cannot be.
pid_t launch(const cmdctl::v1::JobSpec &spec, const std::string &id, int output);

#endif
