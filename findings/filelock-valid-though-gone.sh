#!/usr/bin/env bash
# A FileLock stays valid after the JVM has lost the lock by closing another channel on the file.
#
# Seen:     OpenJDK 17.0.15 and Temurin 25.0.3, 2026-11-28, Debian 12 (Linux 6.18).
# Surprise: a FileLock is a POSIX record lock on Linux, and the kernel drops a process's record locks on a file as soon
#           as the process closes any descriptor of it. So reading the lock file with an ordinary stream loses the lock:
#           /proc/locks no longer lists it and another process locks the same file. isValid() goes on saying true.
# Guessed:  isValid() tells whether the lock is held. (The class's documentation does warn that on some systems closing
#           a channel releases the locks; it does not say that isValid() misses it.)
# Matters:  to whoever makes sure of one instance by a lock file and reads it too, to show who holds it: two instances
#           run and both hold a valid lock. Write and read through the one channel that holds the lock.
#
# Needs a JDK of 17 or newer (JAVA_HOME, or on the path), Linux, and /proc.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac"; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
[[ -r /proc/locks ]] || { echo 'Skipped: this system has no /proc/locks.'; exit 77; }
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

cat > Finding.java <<'JAVA'
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

class Finding {
    static final Path FILE = Path.of("lock");

    public static void main(String[] args) throws Exception {
        if (args.length == 1) {
            try (FileChannel channel = FileChannel.open(FILE, StandardOpenOption.WRITE)) {
                System.out.println(channel.tryLock() == null ? "is refused it" : "gets it");
            }
            return;
        }
        try (FileChannel channel = FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = channel.lock();
            tell("locked", lock);
            Files.readAllBytes(FILE);
            tell("after reading the file", lock);
        }
    }

    static void tell(String when, FileLock lock) throws Exception {
        System.out.println(when + ": isValid " + lock.isValid() + ", the kernel lists it: " + listed()
                + ", another process " + another());
    }

    static boolean listed() throws Exception {
        String mine = ".*POSIX +ADVISORY +WRITE " + ProcessHandle.current().pid() + " [^ ]*:"
                + Files.getAttribute(FILE, "unix:ino") + " .*";
        return Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(line -> line.matches(mine));
    }

    static String another() throws Exception {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process other = new ProcessBuilder(java, "-cp", "classes", "Finding", "other")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String answer = new String(other.getInputStream().readAllBytes()).strip();
        other.waitFor();
        return answer;
    }
}
JAVA

cat > expected <<'TEXT'
locked: isValid true, the kernel lists it: true, another process is refused it
after reading the file: isValid true, the kernel lists it: false, another process gets it
TEXT

"${jdk}javac" -d classes Finding.java
"${jdk}java" -cp classes Finding > seen
cat seen
diff -u expected seen || { echo 'Changed: a FileLock and the kernel agree in another way.'; exit 1; }
