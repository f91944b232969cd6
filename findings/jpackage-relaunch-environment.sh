#!/usr/bin/env bash
# An application made by jpackage cannot start its own launcher again: an environment variable is in the way.
#
# Seen:     jpackage of OpenJDK 17.0.15 and of Temurin 25.0.3, 2026-11-28, Debian 12.
# Surprise: the launcher on Linux sets _JPACKAGE_LAUNCHER and leaves it in the JVM's environment. A launcher that
#           finds it set takes itself for the second half of a start: it reads no .cfg, so neither the main class nor
#           the options of the application, and hands its arguments to java, which takes the first for a main class.
# Guessed:  ProcessBuilder(System.getProperty("jpackage.app-path"), arguments) starts the application again.
# Matters:  to whoever restarts an application after an update, opens a second window as a process, or starts another
#           launcher made by jpackage: it works in development and fails installed. Remove the variable first.
#
# Needs a JDK of 17 or newer with jpackage (JAVA_HOME, or on the path) and Linux.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}javac" "${jdk}jar" "${jdk}jpackage"; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
[[ $(uname -s) == Linux ]] || { echo 'Skipped: this is not Linux.'; exit 77; }
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

cat > Finding.java <<'JAVA'
class Finding {
    static final String VARIABLE = "_JPACKAGE_LAUNCHER";

    public static void main(String[] args) throws Exception {
        if (args.length == 1) {
            System.out.println("the application, with " + args[0]);
            return;
        }
        System.out.println("the application, " + VARIABLE + (System.getenv(VARIABLE) == null ? " not set" : " set"));
        System.out.println("again: " + start(new ProcessBuilder(launcher(), "Document")));
        ProcessBuilder without = new ProcessBuilder(launcher(), "Document");
        without.environment().remove(VARIABLE);
        System.out.println("again, without it: " + start(without));
    }

    static String launcher() {
        return System.getProperty("jpackage.app-path");
    }

    static String start(ProcessBuilder builder) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        return "exit code " + process.waitFor() + ", " + output.lines().findFirst().orElse("no output");
    }
}
JAVA

cat > expected <<'TEXT'
the application, _JPACKAGE_LAUNCHER set
again: exit code 1, Error: Could not find or load main class Document
again, without it: exit code 0, the application, with Document
TEXT

"${jdk}javac" -d classes Finding.java
mkdir input
"${jdk}jar" -c -f input/finding.jar -C classes .
"${jdk}jpackage" --type app-image --name finding --input input --main-jar finding.jar --main-class Finding \
  --add-modules java.base --dest image > jpackage.log 2>&1 || { cat jpackage.log; exit 1; }
env -u _JPACKAGE_LAUNCHER image/finding/bin/finding > seen
cat seen
diff -u expected seen || { echo 'Changed: a launcher made by jpackage starts otherwise from within itself.'; exit 1; }
