#ifndef PEER_UNARY_CALLS_H
#define PEER_UNARY_CALLS_H

#include "service.h"

// Begins to answer StartJob, GetJob, WaitJob and StopJob.
void accept_unary_calls(const Surroundings &surroundings);

#endif
