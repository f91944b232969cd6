#!/usr/bin/env bash
# Java calls a zombie alive, and its onExit() waits for the parent to reap it.
#
# Seen:     OpenJDK 17.0.15 and Temurin 25.0.3, 2026-11-28, Debian 12 (Linux 6.18), Python 3.11.
# Surprise: a process that has exited but whose parent does not reap it (state Z) is isAlive() for a ProcessHandle, and
#           onExit() does not complete, also not after the JDK's longest interval of looking (5 s). A pidfd of the same
#           process polls readable at once. When the parent reaps it, both agree.
# Guessed:  isAlive() is false and onExit() completes once the process has exited.
# Matters:  to whoever waits for somebody else's process to end before touching its files: with a parent that does not
#           reap (a container's PID 1 often does not) the wait never ends, though the files are free long since.
#
# Needs a JDK of 17 or newer (JAVA_HOME, or on the path), Python 3.9 or newer and Linux 5.3 or newer.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" python3; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
python3 -c 'import os; os.close(os.pidfd_open(os.getpid()))' 2> /dev/null \
  || { echo 'Skipped: this Python or this kernel has no pidfd_open.'; exit 77; }
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

# The parent: its child exits at once; it reaps the child when a line arrives, and ends at the end of its input.
cat > parent.py <<'PYTHON'
import os, select, sys
child = os.fork()
if child == 0:
    os._exit(0)
pidfd = os.pidfd_open(child)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(child, flush=True)
print("readable" if select.select([pidfd], [], [], 0)[0] else "not readable", flush=True)
if sys.stdin.readline():
    os.waitpid(child, 0)
    print("reaped", flush=True)
    sys.stdin.readline()
PYTHON

cat > Finding.java <<'JAVA'
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

class Finding {
    public static void main(String[] args) throws Exception {
        Process parent = new ProcessBuilder("python3", "parent.py").start();
        try (BufferedReader from = parent.inputReader(); Writer to = parent.outputWriter()) {
            long pid = Long.parseLong(from.readLine());
            ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
            CompletableFuture<ProcessHandle> exit = child.onExit();
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            System.out.println("zombie: state " + state + ", pidfd " + from.readLine());
            System.out.println("zombie: onExit " + within12Seconds(exit) + ", isAlive " + child.isAlive());
            to.write("reap\n");
            to.flush();
            from.readLine();
            System.out.println("reaped: onExit " + within12Seconds(exit) + ", isAlive " + child.isAlive());
        } finally {
            parent.destroy();
        }
    }

    static String within12Seconds(CompletableFuture<ProcessHandle> exit) throws Exception {
        try {
            exit.get(12, TimeUnit.SECONDS);
            return "completed";
        } catch (TimeoutException e) {
            return "not completed";
        }
    }
}
JAVA

cat > expected <<'TEXT'
zombie: state Z, pidfd readable
zombie: onExit not completed, isAlive true
reaped: onExit completed, isAlive false
TEXT

"${jdk}javac" -d classes Finding.java
"${jdk}java" -cp classes Finding > seen
cat seen
diff -u expected seen || { echo 'Changed: Java sees a zombie otherwise than it did.'; exit 1; }
