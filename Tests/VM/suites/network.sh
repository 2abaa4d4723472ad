# Private networks: jobs reach the outside, and neither each other nor the host. The outside is a
# network namespace, to which one pair of interfaces leads.
# modules: veth nf_tables nft_chain_nat nft_masq nft_ct nft_fib_inet nft_reject_inet
# packages: iproute2 nftables
# timeout: 600
. /suite/tap.sh
. /suite/daemon.sh

far=198.51.100.1 near=198.51.100.2
# Not busybox's, which makes no pairs.
ip=/usr/sbin/ip
outside() { nsenter -t "$far_process" -n "$@"; }

is_outside() { [ "$(readlink "/proc/$far_process/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

# Somebody outside with a web server, who also has the address that clouds have for their secrets.
make_outside() {
    unshare -n sleep 100000 &
    far_process=$!
    within 5 is_outside || return 1
    $ip link add out0 type veth peer name eth0 netns "$far_process" &&
        $ip addr add $near/24 dev out0 && $ip link set out0 up &&
        outside $ip link set lo up && outside $ip addr add $far/24 dev eth0 &&
        outside $ip addr add 169.254.169.254/32 dev eth0 && outside $ip link set eth0 up &&
        $ip route add 169.254.169.254/32 dev out0 || return 1
    mkdir -p /data/www/cgi-bin && echo outside >/data/www/index.html
    # Says who it takes its clients for.
    printf '#!/bin/sh\necho; echo $REMOTE_ADDR\n' >/data/www/cgi-bin/who
    chmod +x /data/www/cgi-bin/who
    outside httpd -h /data/www -p 0.0.0.0:80
}

private() { cmdctl run --isolation strict --network private "$@"; }
# A line for the shell that asks an address for a page, and prints the page's last line.
request() { echo "printf 'GET /$2 HTTP/1.0\\r\\n\\r\\n' | nc -w 5 $1 80 | tail -n 1"; }
web() { sh -c "$(request "$@")"; }
job_web() { private --follow --shell "$(request "$@")"; }
says() { [ "$("$@" 2>/dev/null)" = "$expected" ]; }
fails_with() {
    said=$("$@" 2>&1)
    [ $? != 0 ] && echo "$said" | grep -q "$expected" || { echo "$said" && return 1; }
}
interfaces() { [ "$(ls /sys/class/net | grep -c '^cmdctl')" = "$1" ]; }
tables() { [ "$(nft list tables | grep -c cmdctl)" = "$1" ]; }

check "there is an outside" make_outside || finish
expected=outside check "which the host reaches" within 5 says web $far
expected=outside check "also where clouds keep their secrets" says web 169.254.169.254
echo "nameserver 127.0.0.53" >/etc/resolv.conf
check "the daemon starts" start_daemon --network-dns 198.51.100.53 || finish

expected=net.ipv4.ip_forward check "a host that forwards nothing is told so" \
    fails_with private -- true
check "and has no rules for it" tables 0
echo 1 >/proc/sys/net/ipv4/ip_forward

expected=outside check "a job reaches the outside" says job_web $far
expected=$near check "where it is taken for the host" \
    says job_web $far cgi-bin/who
check "there are rules now, in one table" tables 1
check "its interface goes with it" within 10 interfaces 0
expected="nameserver 198.51.100.53" check "names are asked for where the operator says" \
    says private --follow -- cat /etc/resolv.conf
expected=lo check "only the loopback interface has addresses of version 6" \
    says private --follow --shell "awk '{print \$6}' /proc/self/net/if_inet6"
expected=outside check "the host's network can be had, too" \
    says cmdctl run --isolation strict --network host --follow --shell "$(request $far)"
expected=. check "and none" fails_with cmdctl run --isolation strict --network none --follow -- \
    nc -w 5 $far 80

server=$(private -- nc -ll -p 7000 -e echo mine)
interface=cmdctl$(echo "$server" | tail -c 10)
within 5 test -d "/sys/class/net/$interface"
address=$($ip -o route show dev "$interface" | cut -d ' ' -f 1)
shows_network() { cmdctl get-status "$server" -o wide | grep -q '^Network: *private$'; }
check "status tells the network" shows_network
check "an address of the pool lies behind the interface" test "${address#10.211.}" != "$address"
check "a job that serves has an interface" interfaces 1
port=${CMDCTL_SERVER##*:}
for target in "$address:7000" 10.211.0.1:22 "10.211.0.1:$port" "$near:$port" 169.254.169.254:80; do
    expected=. check "a job cannot reach $target" fails_with \
        private --follow -- nc -w 5 "${target%:*}" "${target#*:}"
done
outside $ip route add 10.211.0.0/16 via $near
expected=. check "nobody outside reaches a job" fails_with outside nc -w 3 "$address" 7000

check "a daemon that crashes" crash_daemon
check "leaves the job its network" interfaces 1
check "a new daemon starts" start_daemon --network-dns 198.51.100.53
expected=outside check "a job of the new one reaches the outside" says job_web $far
expected=. check "and not the job of the old one" fails_with \
    private --follow -- nc -w 5 "$address" 7000

# The rules are what keeps them apart: a job that tries all the time succeeds when they are gone, as
# long as somebody takes them away faster than they come back.
probe=$(private --shell "until nc -w 1 $address 7000; do sleep 0.1; done")
reaches_without_rules() {
    nft flush ruleset
    # Not to its end, which never comes should the rules have come back before the job tried.
    [ "$(cmdctl get-output --no-follow "$probe")" = mine ]
}
check "without the rules jobs reach each other" within 60 reaches_without_rules
check "the rules come back by themselves" within 60 tables 1
nft flush ruleset
expected=. check "and with each job that starts" fails_with \
    private --follow -- nc -w 5 "$address" 7000

kill_shim() {
    for process in /proc/[0-9]*; do
        case $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) in
        *"cmdctl-shim $server"*) kill -KILL "${process#/proc/}" && return 0 ;;
        esac
    done
    return 1
}
check "a shim is killed" kill_shim
check "it leaves no interface" within 10 interfaces 0
check "a daemon that ends" cmdctl shutdown
wait "$daemon"
check "leaves no rules" tables 0

check "a daemon with one address starts" start_daemon --network-pool 10.211.0.0/30
first=$(private -- sleep 1000)
expected=OUT_OF_ADDRESSES check "has none for a second job" fails_with private -o json -- true
check "until the first has ended" cmdctl stop "$first"
expected=outside check "and then has it again" within 10 says job_web $far
finish
