#!/usr/bin/env bash
# An AOT cache goes on running the classes of a jar that was replaced; a dynamic CDS archive does not.
#
# Seen:     Temurin 25.0.3, 2026-11-28, Debian 12. It is JDK-8377932, mended in 25.0.4: run this on the JDK you ship.
# Surprise: with -XX:AOTCache=FILE, also with -XX:AOTMode=on, the JVM does not look whether the jar is the one of the
#           training run. Replaced by a new version, the old classes run, without a word. It is so with -cp and -jar,
#           with the workflow of one step and of two. -XX:SharedArchiveFile, for the same jar, notices and falls back.
# Guessed:  the cache checks size and time of the jars as CDS always did, and is not used when they differ.
# Matters:  to whoever updates an application in place: the update is installed, its version number read from a
#           resource is the new one, and the old code runs. Make the cache anew with each jar, or delete it first.
#
# Needs a JDK of 25 or newer (JAVA_HOME, or on the path).
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" "${jdk}jar"; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
version=$("${jdk}java" --version | head -n 1)
[[ $version =~ \ ([0-9]+) && ${BASH_REMATCH[1]} -ge 25 ]] || { echo "Skipped: $version is older than 25."; exit 77; }
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

build() {
  cat > Finding.java <<JAVA
class Finding {
    public static void main(String[] args) throws Exception {
        try (java.io.InputStream in = Finding.class.getResourceAsStream("resource")) {
            System.out.println("class $1, resource " + new String(in.readAllBytes()));
        }
    }
}
JAVA
  "${jdk}javac" -d classes Finding.java
  printf %s "$1" > classes/resource
  "${jdk}jar" -c -f finding.jar -C classes .
}
run() {
  "${jdk}java" "$@" -cp finding.jar Finding 2>> log | tail -n 1
}

cat > expected <<'TEXT'
replaced, plain: class new, resource new
replaced, AOT cache: class old, resource new
replaced, AOT cache, AOTMode=on: class old, resource new
replaced, dynamic CDS archive: class new, resource new
TEXT

build old
run -XX:AOTCacheOutput=finding.aot > /dev/null
run -XX:ArchiveClassesAtExit=finding.jsa > /dev/null
[[ -s finding.aot && -s finding.jsa ]] || { cat log; echo 'Skipped: this JVM wrote no archive.'; exit 77; }
build new
touch -d 'now + 1 hour' finding.jar
{
  echo "replaced, plain: $(run)"
  echo "replaced, AOT cache: $(run -XX:AOTCache=finding.aot)"
  echo "replaced, AOT cache, AOTMode=on: $(run -XX:AOTCache=finding.aot -XX:AOTMode=on)"
  echo "replaced, dynamic CDS archive: $(run -XX:SharedArchiveFile=finding.jsa)"
} > seen
cat seen
diff -u expected seen || { echo "Changed: $version uses another version of the classes."; exit 1; }
