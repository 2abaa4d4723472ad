#ifndef CLINUX_IO_H
#define CLINUX_IO_H

#endif
