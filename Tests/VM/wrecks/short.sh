# A suite that leaves off in the middle: what comes after it is never said.
# fails: there is no plan
. /suite/tap.sh
check "one is one" test 1 = 1
exit 0
