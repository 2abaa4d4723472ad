# What suites say, and how: `check NAME COMMAND…` is one verdict. Ends the suite with its plan.
checks=0
failures=0

# One verdict: whether the command succeeds. What the command says is told when it does not. Where
# nothing makes sense after that: check … || finish.
check() {
    checks=$((checks + 1))
    name=$1
    shift
    if "$@" >/tmp/said 2>&1; then
        echo "ok $checks - $name"
        grep '^#' /tmp/said
        return 0
    else
        failures=$((failures + 1))
        echo "not ok $checks - $name"
        echo "# failed: $*"
        sed 's/^/#   /' /tmp/said | tail -n 40
        return 1
    fi
}

# Something that helps to understand the verdicts.
note() { echo "# $*"; }

# Runs a command until it succeeds, for so many seconds. For what the kernel does in its own time.
within() {
    until_seconds=$(($(cut -d. -f1 /proc/uptime) + $1))
    shift
    until "$@"; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt "$until_seconds" ] || return 1
        usleep 50000
    done
}

# Whether so many processes have these words in their command lines, zero bytes being blanks.
processes_like() {
    found=0
    for process in /proc/[0-9]*/cmdline; do
        # One may end while it is looked at.
        case $(tr '\0' ' ' <"$process" 2>/dev/null) in *"$1"*) found=$((found + 1)) ;; esac
    done
    [ "$found" = "$2" ] || { echo "$found processes like '$1'" && return 1; }
}

# The last line of every suite.
finish() {
    echo "1..$checks"
    exit 0
}
