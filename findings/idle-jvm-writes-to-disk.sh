#!/usr/bin/env bash
# An idle JVM is seen to write to the disk, for ever: write_bytes in /proc/PID/io grows while it waits and calls nothing.
#
# Seen:     OpenJDK 17.0.15 and Temurin 25.0.3, Linux 6.18, ext4, 2026-11-29.
# Surprise: a JVM whose only thread waits counts on in its performance data, /tmp/hsperfdata_USER/PID, a file that is mapped
#           into its memory. Each time the kernel has written a page of it back (every 30 s, or when anybody syncs the disk)
#           and the JVM changes it again, the page is added to write_bytes: 4,096 to 8,192 bytes for each writeback, with
#           not one call of write(2) (syscw stays).
# Guessed:  a process that waits has written nothing; "bytes written to storage" grow only by what it asked to be written.
# Matters:  to whoever watches a process for signs of life: by write_bytes alone, a JVM that hangs looks at work in one of
#           fifteen windows of two seconds. Take syscw or wchar with it, or start the JVM with -XX:-UsePerfData.
#
# Needs a JDK (JAVA_HOME, or on the path), and /tmp on a disk.
set -euo pipefail

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" > /dev/null || { echo "Skipped: $java is missing."; exit 77; }
[[ $(stat -f -c %T /tmp) != tmpfs ]] || { echo "Skipped: /tmp is in memory."; exit 77; }
temp=$(mktemp -d)
trap '[[ -z ${jvm-} ]] || kill "$jvm"; rm -rf "$temp"' EXIT
cd "$temp"

cat > Finding.java <<'JAVA'
class Finding {
    public static void main(String[] args) throws Exception {
        System.out.println("waits");
        new java.util.concurrent.CountDownLatch(1).await();
    }
}
JAVA
"${java}c" Finding.java

count() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$jvm/io"; }

# grown OPTION...: by how much the two counters grow in five seconds in which the disk is synced five times
grown() {
  "$java" -Xint "$@" -cp . Finding > out &
  jvm=$!
  until grep -q waits out; do sleep 0.1; done
  sleep 3
  local bytes calls
  bytes=$(count write_bytes) calls=$(count syscw)
  for _ in 1 2 3 4 5; do
    sync -f /tmp
    sleep 1
  done
  echo "$(($(count write_bytes) - bytes)) bytes, $(($(count syscw) - calls)) writes"
  kill "$jvm"
  wait "$jvm" 2> /dev/null || true
  jvm=
}

"$java" --version | head -n 1
grown -XX:+UsePerfData | tee with
grown -XX:-UsePerfData | tee without
# Output seen:
#   openjdk 17.0.15 2025-04-15
#   40960 bytes, 0 writes
#   0 bytes, 0 writes
grep -qE '^[1-9][0-9]{3,} bytes, 0 writes$' with
grep -qx '0 bytes, 0 writes' without
