"""Boots one virtual machine for one suite, and reads what it says."""

import os
import selectors
import subprocess
import time

# Of a machine.
PROCESSORS = 2

# no_timer_check: as it boots, the kernel looks whether the timer ticks while it counts some millions
# of the processor's cycles. Emulated these are the host's time, and on a busy one the tick may come
# later than that: then it panics ("IO-APIC + timer doesn't work!") for a timer that is all right.
KERNEL_LINE = (
    "console=ttyS0 panic=-1 oops=panic loglevel=4 mitigations=off nokaslr random.trust_cpu=on "
    "no_timer_check systemd.unit=suite.service systemd.firstboot=off systemd.show_status=off")


def run(kernel, ramdisk, disks, suite, console, report):
    """Runs the machine to its end. Gives `report` each line of the suite; answers the time limit
    if it was passed, else nothing. What the kernel says goes to the file `console`."""
    command = [
        "qemu-system-x86_64", "-M", "pc", "-accel", "tcg,thread=multi", "-cpu", "max",
        "-m", suite.memory, "-smp", str(PROCESSORS), "-nographic", "-no-reboot", "-nodefaults",
        "-nic", "none", "-kernel", kernel.image, "-initrd", ramdisk,
        "-append", f"{KERNEL_LINE} first={suite.init}",
        "-device", "virtio-rng-pci", "-serial", f"file:{console}", "-monitor", "none",
        "-device", "virtio-serial-pci", "-chardev", "file,id=verdicts,path=/dev/fd/1",
        "-device", "virtserialport,chardev=verdicts,name=verdicts",
    ]
    for disk in disks:
        # Changes go to a temporary file, so that every machine begins with the same disks.
        command += ["-drive", f"file={disk},format=raw,if=virtio,snapshot=on,cache=unsafe"]
    deadline = time.monotonic() + suite.timeout
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as machine:
        try:
            timed_out = not read_lines(machine.stdout.fileno(), deadline, report)
        finally:
            machine.kill()
    return suite.timeout if timed_out else None


def read_lines(reader, deadline, report):
    """Reports lines until the end, which is the machine's; answers whether it came in time."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                break
            received = os.read(reader, 65536)
            if not received:
                if rest:
                    report(rest.decode(errors="replace"))
                return True
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                report(line.decode(errors="replace").rstrip("\r"))
    return False
