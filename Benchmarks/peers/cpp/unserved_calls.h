#ifndef PEER_UNSERVED_CALLS_H
#define PEER_UNSERVED_CALLS_H

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/async_generic_service.h>

// Begins to answer what nobody else does: with UNIMPLEMENTED.
void refuse_unserved_calls(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue);

#endif
