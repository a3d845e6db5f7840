# What the scripts of this folder share: the hosts file, ssh that never asks and never hangs, hosts side by side.
# Sourced, not run.

# A word as a POSIX shell reads it back; the login shell of a host need not be bash.
quote() { printf "'%s' " "${1//\'/\'\\\'\'}"; }

# Runs cluster/on-host on a host, with its words; standard input goes there.
on_host() {
  local host=$1 environment=$2 word command
  shift 2
  command="exec env $environment WORKER_ENVIRONMENT=$(quote "$environment")"
  command+="bash -c $(quote "$(cat "$here/on-host")")on-host "
  for word in "$@"; do command+=$(quote "$word"); done
  ssh -o BatchMode=yes -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 "$host" "$command"
}

# Calls `$1 HOST SLOTS ENVIRONMENT` for every line of the hosts file, all at once. Each prints one line; fails where
# one did, after all have ended. A wrong line of the file is told before anything is done.
each_host() {
  local call=$1 file=$2 line failed=0 process processes=() entries=() host slots environment seen=" "
  [ -r "$file" ] || { echo "$file: cannot be read; cluster/hosts.example shows what it holds" >&2; exit 2; }
  while read -r line || [ -n "$line" ]; do
    read -r host slots environment <<<"${line%%#*}"
    [ -n "$host" ] || continue
    if ! [[ $host =~ ^[A-Za-z0-9][A-Za-z0-9._@-]*$ && $slots =~ ^[1-9][0-9]{0,2}$ ]] ||
      ! [[ $environment =~ ^([A-Z_a-z][A-Z_a-z0-9]*=[A-Za-z0-9_./:,@%+=-]*[[:space:]]*)*$ ]]; then
      echo "$file: \"$line\": HOST SLOTS [NAME=VALUE]… was expected" >&2
      exit 2
    fi
    case $seen in *" $host "*) echo "$file: $host stands there twice" >&2; exit 2 ;; esac
    seen+="$host "
    entries+=("$host $slots $environment")
  done <"$file"
  [ ${#entries[@]} -gt 0 ] || { echo "$file: names no host" >&2; exit 2; }
  answers=$(mktemp -d)
  trap 'rm -rf "$answers"' EXIT
  for line in "${entries[@]}"; do
    read -r host slots environment <<<"$line"
    (one_host "$call" "$host" "$slots" "$environment" "$answers/$host") </dev/null &
    processes+=($!)
  done
  for process in "${processes[@]}"; do wait "$process" || failed=1; done
  return $failed
}

# One host: its last line of output is its answer, whatever happened.
one_host() {
  local host=$2 answer=$5 status=0 line
  "$1" "$host" "$3" "$4" >"$answer" 2>"$answer.error" || status=$?
  line=$(tail -n 1 "$answer")
  [ $status = 0 ] || [ -n "$line" ] || line=$(tr -d '\r' <"$answer.error" | grep -v '^Warning' | tail -n 1)
  printf '%s: %s\n' "$host" "${line:-ended with $status}"
  return $status
}
