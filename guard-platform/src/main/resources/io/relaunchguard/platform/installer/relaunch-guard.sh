# Relaunch Guard: the step of a package's script before its files are replaced. POSIX sh; see docs/installers.md.
#
#   relaunch_guard DIRECTORY FILE
#
# Ends what runs from DIRECTORY or below it and returns 0, or tells the reason on standard error and returns 1. DIRECTORY
# counts as an installation only with FILE in it. Asks with SIGTERM, waits, then SIGKILLs what is left; right before each
# signal it is checked that the pid still belongs to the process that was found: the same start, the image still below
# DIRECTORY. A shell cannot pin a process: the time between that check and the signal remains.
#
# A process that may not be examined is not one that is gone: then nothing is signalled, and the reason is told.
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
    relaunch_guard_held "without /proc, what runs from $directory cannot be found"
    exit 1
  fi

  relaunch_guard_sees_all "$directory" || exit 1

  found=$(relaunch_guard_list "$directory") || exit 1
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

  left=$(relaunch_guard_list "$directory") || exit 1
  for process in $left; do
    pid=$(echo "$process" | cut -d / -f 1)
    if echo "$found" | grep -q -x -F -e "$process"; then
      relaunch_guard_held "still running from $directory: $(relaunch_guard_named "$pid"), which could not be ended"
    else
      parent=$(relaunch_guard_named "$(relaunch_guard_parent "$pid")")
      relaunch_guard_held "still running from $directory: $(relaunch_guard_named "$pid"), started anew by $parent." \
        "Stop what starts it, then install again"
    fi
  done
  [ -z "$left" ]
)

relaunch_guard_held() {
  echo "Nothing was installed: $*" >&2
}

# DIRECTORY: every process whose image lies below it; ends with 1 if that is not known of one.
relaunch_guard_list() (
  if [ -e /proc/self/stat ]; then
    pids=$(cd /proc && echo [0-9]*)
  else
    pids=$(/bin/ps -A -o pid=)
  fi
  for pid in $pids; do
    below=0
    relaunch_guard_is_below "$pid" "$1" || below=$?
    case $below in
      0)
        start=$(relaunch_guard_start "$pid")
        [ -z "$start" ] || echo "$pid/$start"
        ;;
      1) ;;
      *)
        relaunch_guard_held "$(relaunch_guard_named "$pid") may not be examined, and it may run from" \
          "$1. End it, or install with the capability CAP_SYS_PTRACE"
        exit 1
        ;;
    esac
  done
)

# DIRECTORY: ends with 1, and tells the reason, if this process does not get to see every other one.
relaunch_guard_sees_all() (
  if [ ! -e /proc/self/stat ]; then
    # Its own image is at hand, if lsof works at all.
    relaunch_guard_is_below "$$" '' && exit 0
    relaunch_guard_held "without lsof, what runs from $1 cannot be found"
    exit 1
  fi
  hides=0
  grep -E -q ' /proc proc [^ ]*hidepid=(2|4|invisible|ptraceable)' /proc/self/mounts || hides=$?
  [ "$hides" -ne 1 ] || exit 0
  capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
  # Bit 19 is CAP_SYS_PTRACE.
  [ $((0x${capabilities:-0} >> 19 & 1)) -eq 0 ] || exit 0
  relaunch_guard_held "/proc may hide the processes of other users, so what runs from $1 cannot be found." \
    "Install with the capability CAP_SYS_PTRACE, or with /proc mounted without hidepid"
  exit 1
)

# PID DIRECTORY: ends with 0 if its image lies below, 1 if not, 2 if that is not known. A separator ends what is compared,
# so that /opt/app2 is not below /opt/app.
# shellcheck disable=SC3013 # dash, busybox and bash have -ef, and POSIX has had it since 2024
relaunch_guard_is_below() (
  if [ ! -e /proc/self/stat ]; then
    # The first text file of a process is its executable.
    image=$(/usr/sbin/lsof -w -n -P -a -p "$1" -d txt -F n 2>/dev/null | sed -n 's/^n//p' | head -n 1)
    case $image in "$2"/*) exit 0 ;; esac
    exit 1
  fi
  if ! image=$(readlink "/proc/$1/exe" 2>/dev/null); then
    # Without an image, or denied: the kernel asks for CAP_SYS_PTRACE, or the same user with no more capabilities.
    ! relaunch_guard_has_image "$1" || exit 2
    exit 1
  fi
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

# PID: whether it may have an image that a package replaces: it is there, no thread of the kernel, not about to end, and not
# the system's own first process, which some systems let nobody examine. A container's first may well be the application.
relaunch_guard_has_image() (
  # PROC_PID_INIT_INO: the PID namespace that the kernel starts with
  [ "$1" -ne 1 ] || [ "$(readlink /proc/self/ns/pid)" != 'pid:[4026531836]' ] || exit 1
  if ! stat=$(cat "/proc/$1/stat" 2>/dev/null); then
    [ -e "/proc/$1" ]
    exit
  fi
  set -f
  # shellcheck disable=SC2086 # split into the fields after the name, which may hold anything
  set -- ${stat##*) }
  # PF_KTHREAD and PF_EXITING
  [ $(($7 & 0x200004)) -eq 0 ]
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
    pid=$(relaunch_guard_parent "$pid")
  done | tr '\n' ' '
)

# PID: the one of its parent; nothing if it is gone.
relaunch_guard_parent() (
  if [ ! -e /proc/self/stat ]; then
    /bin/ps -o ppid= -p "$1" | tr -d ' '
    exit 0
  fi
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || exit 0
  set -f
  # shellcheck disable=SC2086 # as above
  set -- ${stat##*) }
  echo "$2"
)

# PID: the process and its user, for people.
relaunch_guard_named() (
  if [ ! -e /proc/self/stat ]; then
    user=$(/bin/ps -o user= -p "$1" | tr -d ' ')
  else
    user=$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null)
    user=$(id -un "$user" 2>/dev/null || echo "$user")
  fi
  echo "process $1 of user ${user:-unknown}"
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
