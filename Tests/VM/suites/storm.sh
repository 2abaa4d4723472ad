# Jobs of every kind, with limits and private networks, while the server and shims are killed at
# random: what they tell is true, and afterwards the machine is as it was. See Tests/Storm.
# modules: veth nf_tables nft_chain_nat nft_masq nft_ct nft_fib_inet nft_reject_inet
# packages: python3 util-linux
# parameters: JOBS=24 SEED=
# timeout: 900
. /suite/parameters
echo 1 >/proc/sys/net/ipv4/ip_forward
mkdir /data/storm
# Its verdicts are the suite's.
python3 -B /suite/main.py --programs /usr/bin --jobs "$JOBS" ${SEED:+--seed "$SEED"} \
    --groups /sys/fs/cgroup --directory /data/storm \
    --places /data /tmp /run /var /dev/shm /root /etc \
    --demand strict image host "strict, private network" "image, private network" \
    processes memory processor
