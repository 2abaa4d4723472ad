#include "clinux_io.h"
