# Sourced by the other scripts: where we are, what the Go tools get, and steps with visible progress.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

export GOTOOLCHAIN=local                             # never fetch another Go behind somebody's back
export GOFLAGS="${GOFLAGS:--buildvcs=false}"         # a clone may belong to another user than the one who builds
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1            # the system's Chromium is used
mkdir -p .build/bin .build/stamps .build/logs .build/results

# No script ends without a word.
trap 'printf "%s stopped at line %d\n" "$0" "$LINENO" >&2' ERR

say() { printf '%s\n' "$*"; }
clock() { date +%H:%M:%S; }
die() { printf '\n%s\n' "$*" >&2; exit 1; }

# step TITLE COMMAND…: runs the command with its output in a log, shows how long it takes, and the log when it fails.
step() {
  local title=$1 log began pid code=0 seconds
  shift
  log=.build/logs/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-').log
  began=$SECONDS
  printf '%s  %s ' "$(clock)" "$title"
  "$@" >"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  trap 'kill "$pid" 2>/dev/null || true; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    seconds=$((SECONDS - began))
    if [ -t 1 ]; then
      if [ "$seconds" -ge 1 ]; then printf '\r%s  %s … %d s ' "$(clock)" "$title" "$seconds"; fi
    elif [ "$seconds" -ge "${next_dot:=10}" ]; then
      printf '.'
      next_dot=$((seconds + 10))
    fi
  done
  unset next_dot
  wait "$pid" || code=$?
  trap - INT TERM
  if [ "$code" -ne 0 ]; then
    if [ -t 1 ]; then printf '\r%s  %s: FAILED after %d s\n' "$(clock)" "$title" $((SECONDS - began)); else printf 'FAILED after %d s\n' $((SECONDS - began)); fi
    tail -n "${STEP_LINES:-60}" "$log" | sed 's/^/    /'
    return "$code"
  fi
  if [ -t 1 ]; then printf '\r%s  %s: %d s      \n' "$(clock)" "$title" $((SECONDS - began)); else printf '%d s\n' $((SECONDS - began)); fi
}

# fresh NAME: true when the text on standard input is what stamp NAME was made of. stamp NAME: remembers it.
fresh() { local now; now=$(sha256sum); [ -f ".build/stamps/$1" ] && [ "$now" = "$(cat ".build/stamps/$1")" ]; }
stamp() { sha256sum >".build/stamps/$1"; }

# at_least WANT HAVE: compares versions such as 1.26.8.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
