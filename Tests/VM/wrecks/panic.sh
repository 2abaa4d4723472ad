# A machine that dies after its plan has been fulfilled.
# fails: Kernel panic
. /suite/tap.sh
check "one is one" test 1 = 1
echo "1..1"
echo c >/proc/sysrq-trigger
