#ifndef CLINUX_H
#define CLINUX_H

#include "clinux_io.h"
#include "clinux_netlink.h"
#include "clinux_nursery.h"
#include "clinux_process.h"
#include "clinux_sandbox.h"
#include "clinux_spawn.h"

#endif
