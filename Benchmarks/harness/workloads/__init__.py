"""What is done to the servers. `ALL` has each workload in the order in which they run."""

from workloads.starts import Starts

ALL = [Starts]
