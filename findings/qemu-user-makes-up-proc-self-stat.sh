#!/usr/bin/env bash
# Under QEMU's user emulation /proc/self/stat is made up, and the start time in it may be another than others see.
#
# Seen:     qemu-user-static 7.2 (1:7.2+dfsg-7+deb12u18+b3) with busybox-static 1.35.0 for arm64, 2026-11-28, Debian 12
#           on amd64 (Linux 6.18).
# Surprise: QEMU itself answers an open of /proc/self/stat and of /proc/<own pid>/stat: 44 fields instead of 52, the
#           state is the digit 0, and all but the name, the two pids, the start time and the stack's address is 0. The
#           start time is QEMU's own reading of the clock: in about half of the runs one tick after the kernel's. The
#           same process reads the kernel's line in /proc/thread-self/stat, and so does everybody else.
#           (Later versions are reported to write the state R, and the same zeros.)
# Guessed:  /proc is passed through, or emulated alike everywhere; a state is a letter; a start time is one number.
# Matters:  to a program that is tested, or runs in a container, by emulation. A strict parser fails on its own process
#           and on no other. And a process that writes down its pid and its start time, so that another can tell it from
#           a later one with that pid, is sometimes not recognised.
#
# Needs Debian 12 on amd64, apt and its package servers; nothing is installed.
set -euo pipefail

for tool in apt-get dpkg; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
[[ $(dpkg --print-architecture) == amd64 ]] || { echo 'Skipped: this is not amd64.'; exit 77; }
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

# The package lists of arm64 go to the temporary folder; the system's stay as they are.
mkdir -p lists/partial cache/archives/partial
touch status
user=(-q -o "APT::Sandbox::User=$(id -un)")
arm64=(-o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Acquire::Languages=none
  -o "Dir::State::lists=$temp/lists" -o "Dir::State::status=$temp/status" -o "Dir::Cache=$temp/cache")
{
  apt-get "${user[@]}" download 'qemu-user-static=1:7.2+dfsg-7+deb12u18+b3' \
    && apt-get "${user[@]}" "${arm64[@]}" update \
    && apt-get "${user[@]}" "${arm64[@]}" download 'busybox-static=1:1.35.0-4+deb12u1+b1'
} > apt.log 2>&1 || { cat apt.log; echo 'Skipped: apt could not fetch the packages.'; exit 77; }
for package in *.deb; do
  dpkg -x "$package" root
done

# Tells of each line what it is like, then whether the start times in the first two are one.
cat > read.sh <<'SH'
own=/proc/self/stat thread=/proc/thread-self/stat parent=/proc/$PPID/stat
for name in own thread parent; do
  eval "read -r line < \$$name"
  set -- ${line##*) }
  case $1 in [A-Z]) state='a letter' ;; *) state=$1 ;; esac
  memory=given
  [ "${21} ${22}" = '0 0' ] && memory=0
  echo "$name: state $state, $(($# + 2)) fields, memory $memory"
  eval "start_$name=${20}"
done
[ "$start_own" = "$start_thread" ] || echo 'start time of own and thread: not always the same'
SH

cat > expected <<'TEXT'
own: state 0, 44 fields, memory 0
parent: state a letter, 52 fields, memory given
start time of own and thread: not always the same
thread: state a letter, 52 fields, memory given
TEXT

# So often that the start times differ at least once.
for _ in {1..40}; do
  root/usr/bin/qemu-aarch64-static root/bin/busybox sh read.sh >> all
done
LC_ALL=C sort -u all > seen
cat seen
diff -u expected seen || { echo 'Changed: QEMU answers for /proc/self/stat otherwise.'; exit 1; }
