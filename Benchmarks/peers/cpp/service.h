// The calls that are served.
#ifndef PEER_SERVICE_H
#define PEER_SERVICE_H

#include "cmdctl/v1/job_service.grpc.pb.h"
#include "job_store.h"

#include <grpcpp/completion_queue.h>

using Calls = cmdctl::v1::JobService;

// Left to `unserved_calls`: otherwise gRPC would keep threads for them.
using UnservedCalls = Calls::WithGenericMethod_ListJobs<
    Calls::WithGenericMethod_SignalJob<Calls::WithGenericMethod_UpdateJob<
        Calls::WithGenericMethod_PauseJob<Calls::WithGenericMethod_ResumeJob<
            Calls::WithGenericMethod_ListJobStats<Calls::WithGenericMethod_DeleteJob<
                Calls::WithGenericMethod_GetServerInfo<Calls::Service>>>>>>>>;

// Output is sent as it was encoded when it was read.
using Service = Calls::WithAsyncMethod_StartJob<
    Calls::WithAsyncMethod_GetJob<Calls::WithAsyncMethod_WaitJob<
        Calls::WithAsyncMethod_StopJob<Calls::WithRawMethod_GetOutput<UnservedCalls>>>>>;

// What every call needs.
struct Surroundings {
    Service &service;
    grpc::ServerCompletionQueue &queue;
    JobStore &jobs;
};

inline grpc::Status no_such_job() { return {grpc::StatusCode::NOT_FOUND, "no such job"}; }

#endif
