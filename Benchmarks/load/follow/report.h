/* What came of a run, as JSON, and whether it is what should. */
#ifndef FOLLOW_REPORT_H
#define FOLLOW_REPORT_H

#include "thread.h"

/* Prints it; what is wrong goes to standard error. False if something is. */
bool report(
    const struct plan *plan, const struct follower *followers, const struct thread *threads,
    double processor_seconds);

#endif
