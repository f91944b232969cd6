#!/usr/bin/env bash
# Loading a library with JNA on Linux starts a child process: ldconfig -p.
#
# Seen:     jna 5.19.1, 2026-11-28, Debian 12, OpenJDK 17.0.15, strace 6.1.
# Surprise: the first Native.load or Native.register makes the JVM start `/sbin/ldconfig -p`, to learn where libraries
#           are; also when there is nothing to look for, as for the JVM's own symbols (the name null, which is what
#           this script loads) or an absolute path. The use of the class Native alone does not.
# Guessed:  a call of dlopen, and at most a file unpacked to the temporary folder; no process.
# Matters:  under a seccomp filter or a sandbox profile that forbids exec; where a process's children are counted,
#           watched or waited for; and for the time that a cold start takes.
#
# Needs a JDK of 17 or newer (JAVA_HOME, or on the path), Maven, strace, and Linux with glibc.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" mvn strace; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"
strace -o /dev/null true 2> /dev/null || { echo 'Skipped: strace may not trace here.'; exit 77; }

mvn -B -q -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact=net.java.dev.jna:jna:5.19.1 -DoutputDirectory=lib > maven.log \
  || { cat maven.log; echo 'Skipped: Maven could not fetch the packages.'; exit 77; }

cat > Finding.java <<'JAVA'
import com.sun.jna.Library;
import com.sun.jna.Native;

class Finding {
    interface C extends Library {
        int getpid();
    }

    public static void main(String[] args) {
        boolean right = Native.load((String) null, C.class).getpid() == ProcessHandle.current().pid();
        System.out.println("getpid() through JNA is right: " + right);
    }
}
JAVA

cat > expected <<'TEXT'
getpid() through JNA is right: true
started: ["/sbin/ldconfig", "-p"]
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
strace -f -qq -s 200 -e trace=execve -e status=successful -e signal=none -o trace \
  "${jdk}java" -cp 'classes:lib/*' Finding > seen
# Without the JVM itself, which is the first, and the helper through which a JDK starts any process.
sed -nE -e 1d -e /jspawnhelper/d -e 's/.*(\["[^]]*\]).*/started: \1/p' trace >> seen
cat seen
diff -u expected seen || { echo 'Changed: loading a library with JNA starts other processes.'; exit 1; }
