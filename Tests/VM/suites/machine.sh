# The machine is what the other suites take it for.
. /suite/tap.sh

controllers=/sys/fs/cgroup/cgroup.controllers
for controller in cpuset cpu io memory pids; do
    check "the control groups have the $controller controller" grep -qw "$controller" "$controllers"
done
two() { [ "$(nproc)" = 2 ]; }
check "there are two processors" two
check "the data disk is an ext4 file system" grep -q ' /data ext4 ' /proc/mounts
no_network() { [ "$(ls /sys/class/net)" = lo ]; }
check "there is no network but the loopback" no_network
secret() { ! su alice -c 'cat /etc/shadow'; }
check "the host has a file that users cannot read" secret
finish
