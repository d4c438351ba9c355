# shellcheck shell=bash
# Sourced by scripts/demo and scripts/test: `prepare EXTRAS` makes .venv at the root of this checkout, or does nothing
# when it is there and nothing that it was made from has changed. Leaves the way to it in $VENV and on the PATH.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv

find_python() { # the first Python on the PATH that is new enough
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "No Python 3.11 or newer on the PATH; install one, or name it: PYTHON=/path/to/python3 $0" >&2
  return 1
}

fingerprint() { # what .venv is made from
  cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt" "$ROOT/scripts/top_level.py" | cksum
  echo "$ROOT"
}

make_venv() { # the environment itself; all that pip says goes to the log
  local python=$1 extras=$2 log=$3
  # --clear: what an earlier attempt, an older Python or a moved checkout left there is of no use
  "$VENV/bin/python" -m pip --version >>"$log" 2>&1 || "$python" -m venv --clear "$VENV" >>"$log" 2>&1 || return 1
  "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input \
    -c "$ROOT/constraints.txt" -e "$ROOT[$extras]" >>"$log" 2>&1
}

prepare() {
  local extras=$1 log stamp python started=$SECONDS
  stamp="$(fingerprint) $extras"
  if [ -x "$VENV/bin/python" ]; then
    case "$(cat "$VENV/made-from" 2>/dev/null)" in
      "$stamp" | "$(fingerprint) lab,test") use_venv && return ;;
    esac
  fi
  python=$(find_python) || exit 1
  log=$(mktemp)
  printf 'Setting up .venv ........................................... '
  if ! make_venv "$python" "$extras" "$log"; then
    printf 'failed\n' && tail -n 20 "$log" >&2
    echo "The whole output is in $log. Needed: a package registry that pip can reach, and Python's venv module" \
      "(on Debian and Ubuntu: apt install python3-venv)." >&2
    exit 1
  fi
  printf '%s' "$stamp" >"$VENV/made-from"
  rm -f "$log"
  printf '%s s\n' $((SECONDS - started))
  use_venv
}

use_venv() {
  export PATH="$VENV/bin:$PATH" VIRTUAL_ENV="$VENV"
  export HOME="${HOME:-$(cd ~ && pwd)}"
  unset PYTHONHOME PYTHONPATH
}
