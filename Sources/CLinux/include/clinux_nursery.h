#ifndef CLINUX_NURSERY_H
#define CLINUX_NURSERY_H

#include "clinux_spawn.h"

/* A nursery is a process of a program that forks itself whenever it is asked to: its children are
 * spared the execution of the program and all that the program does to get ready. Whoever asks and
 * the nursery are the two ends of a connection that keeps message boundaries (unix(7),
 * SOCK_SEQPACKET). */

/* Asks for a child, through the descriptor `door`, and answers its PID or the negative of an
 * errno(3).
 *
 * It is the caller's own child, if the nursery is, and waits: clinux_let_start() with `*start`
 * lets it go on, and if that descriptor is closed it ends. A nursery that does not answer in
 * `patience` milliseconds gives ETIMEDOUT, and `*start` is for clinux_end_unheard(); one that has
 * died without a child gives EPIPE. Of `spawn` the program and its environment count for nothing:
 * they are the nursery's. The arguments must take as much room as those of the nursery; a `cgroup`
 * of -1 leaves the child in the nursery's group. For several threads at a time. */
pid_t clinux_ask_nursery(int door, const struct clinux_spawn *spawn, int patience, int *start);

/* Lets a child start, and closes the descriptor. */
void clinux_let_start(int start);

/* Ends and reaps the child that a nursery may have had before it was killed, and closes the
 * descriptor; the nursery must have been killed.
 *
 * The child says who it is as it ends, for which it has `patience` milliseconds. Returns its PID,
 * or the negative of EPIPE if there is none. */
pid_t clinux_end_unheard(int start, int patience);

/* Has children for whoever asks at `door`, with `arguments`, the vector of main(), for them to
 * change.
 *
 * Returns 1 in each child, which has the descriptors that were asked for and no others, and 0 when
 * nobody can ask any more. For processes with one thread, as clinux_fork(); its descriptors above
 * 2 are closed first, but for the door. */
int clinux_run_nursery(int door, char **arguments);

#endif
