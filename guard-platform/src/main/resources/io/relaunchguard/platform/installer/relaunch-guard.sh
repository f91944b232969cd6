# Relaunch Guard: the step of a package's script before its files are replaced. POSIX sh; see docs/installers.md.
#
#   relaunch_guard DIRECTORY FILE
#
# Ends what runs from DIRECTORY or below it and returns 0, or tells the reason on standard error and returns 1. DIRECTORY
# counts as an installation only with FILE in it. Asks with SIGTERM, waits, then SIGKILLs what is left; right before each
# signal it is checked that the pid still belongs to the process that was found: the same start, the image still below
# DIRECTORY. A shell cannot pin a process: the time between that check and the signal remains.
#
# A process is written as pid/start. Each function is a subshell: no variable gets out. No percent sign may stand in this
# text, as it is also part of an RPM spec file.

relaunch_guard() (
  # Tenths of a second from the request to force, and from force to giving up.
  close_wait=${RELAUNCH_GUARD_CLOSE_WAIT:-100}
  end_wait=${RELAUNCH_GUARD_END_WAIT:-50}

  [ -e "$1/$2" ] || exit 0
  directory=$(cd -P -- "$1" && pwd -P) || exit 1
  case $directory in
    */bin | */sbin | */lib | */lib32 | */lib64 | */libexec | */share | */games | */*-linux-gnu* | /usr/local)
      relaunch_guard_held "$directory belongs to many programs"
      exit 1
      ;;
    /*/*) ;;
    *)
      relaunch_guard_held "$directory is no directory of one application"
      exit 1
      ;;
  esac
  if [ ! -e /proc/self/stat ] && [ "$(uname -s)" != Darwin ]; then
    relaunch_guard_held "without /proc it cannot be told what runs from $directory"
    exit 1
  fi

  found=$(relaunch_guard_list "$directory")
  ancestors=$(relaunch_guard_ancestors "$$")
  for process in $found; do
    case " $ancestors " in
      *" $process "*)
        relaunch_guard_held "process $process started this installation, and its end could end that half-way"
        exit 1
        ;;
    esac
  done
  for process in $found; do
    relaunch_guard_signal TERM "$process" "$directory"
    # One that is stopped sees no request before it goes on.
    relaunch_guard_signal CONT "$process" "$directory"
  done
  relaunch_guard_await "$close_wait" "$found"
  for process in $found; do
    relaunch_guard_signal KILL "$process" "$directory"
  done
  relaunch_guard_await "$end_wait" "$found"

  found=$(relaunch_guard_list "$directory")
  if [ -n "$found" ]; then
    relaunch_guard_held "still running from $directory:" "$found"
    exit 1
  fi
)

relaunch_guard_held() {
  echo "Nothing was installed: $*" >&2
}

# DIRECTORY: every process whose image lies below it.
relaunch_guard_list() (
  if [ -e /proc/self/stat ]; then
    pids=$(cd /proc && echo [0-9]*)
  else
    pids=$(/bin/ps -A -o pid=)
  fi
  for pid in $pids; do
    if relaunch_guard_is_below "$pid" "$1"; then
      start=$(relaunch_guard_start "$pid")
      [ -z "$start" ] || echo "$pid/$start"
    fi
  done
)

# PID DIRECTORY: a separator ends what is compared, so that /opt/app2 is not below /opt/app.
# shellcheck disable=SC3013 # dash, busybox and bash have -ef, and POSIX has had it since 2024
relaunch_guard_is_below() (
  if [ ! -e /proc/self/stat ]; then
    # The first text file of a process is its executable.
    image=$(/usr/sbin/lsof -w -n -P -a -p "$1" -d txt -F n 2>/dev/null | sed -n 's/^n//p' | head -n 1)
    case $image in "$2"/*) exit 0 ;; esac
    exit 1
  fi
  image=$(readlink "/proc/$1/exe" 2>/dev/null) || exit 1
  case $image in
    "$2"/*) ;;
    *) exit 1 ;;
  esac
  # A container's program may have the same path: this must be the very file, or one that was replaced in this same root.
  if [ "/proc/$1/exe" -ef "$image" ]; then
    exit 0
  fi
  case $image in
    *' (deleted)') [ "$(readlink "/proc/$1/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ] && [ "/proc/$1/root" -ef / ] ;;
    *) exit 1 ;;
  esac
)

# PID: when it started, as the kernel counts it; nothing if it is gone, or exited and only not yet reaped.
relaunch_guard_start() (
  if [ ! -e /proc/self/stat ]; then
    case $(/bin/ps -o stat= -p "$1") in '' | Z*) exit 0 ;; esac
    LC_ALL=C /bin/ps -o lstart= -p "$1" | tr -s ' ' '_'
    exit 0
  fi
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || exit 0
  set -f
  # shellcheck disable=SC2086 # split into the fields after the name, which may hold anything
  set -- ${stat##*) }
  case $1 in Z | X) exit 0 ;; esac
  echo "${20}"
)

# PID: that process, its parent, and so on up to the first.
relaunch_guard_ancestors() (
  pid=$1
  while [ -n "$pid" ] && [ "$pid" -gt 1 ]; do
    echo "$pid/$(relaunch_guard_start "$pid")"
    if [ ! -e /proc/self/stat ]; then
      pid=$(/bin/ps -o ppid= -p "$pid" | tr -d ' ')
    else
      stat=$(cat "/proc/$pid/stat" 2>/dev/null) || exit 0
      set -f
      # shellcheck disable=SC2086 # as above
      set -- ${stat##*) }
      pid=$2
    fi
  done | tr '\n' ' '
)

# SIGNAL PROCESS DIRECTORY: to that very process only, and never to a group.
relaunch_guard_signal() (
  pid=$(echo "$2" | cut -d / -f 1)
  [ "$pid" -gt 1 ] || exit 0
  if relaunch_guard_is_below "$pid" "$3" && [ "$pid/$(relaunch_guard_start "$pid")" = "$2" ]; then
    kill -s "$1" "$pid" 2>/dev/null
  fi
  exit 0
)

# TENTHS PROCESSES: until all of them are gone, or the time is over.
relaunch_guard_await() (
  left=$1
  for process in $2; do
    pid=$(echo "$process" | cut -d / -f 1)
    while [ "$left" -gt 0 ] && [ "$pid/$(relaunch_guard_start "$pid")" = "$process" ]; do
      sleep 0.1
      left=$((left - 1))
    done
  done
)
