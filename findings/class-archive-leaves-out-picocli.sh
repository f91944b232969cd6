#!/usr/bin/env bash
# A dynamic CDS archive leaves classes of picocli out, the library that command lines are written with to start fast.
#
# Seen:     picocli 4.7.7 and commons-cli 1.11.0, 2026-11-30, Debian 12, OpenJDK 17.0.15 and Temurin 25.0.3.
# Surprise: picocli is built for Java 5, and JDK 17 puts no class file older than Java 6 into an archive. Of a launcher
#           with picocli, all other classes are in the archive, and the 165 of picocli are read and verified at each
#           start. JDK 25 takes in 37 of them. The JVM says so only in its log "cds", if that is on.
# Guessed:  an archive that a run of the program itself has made has every class that this run has loaded.
# Matters:  to a launcher that has to decide before the browser starts, and is given an archive to be quick.
#
# Needs a JDK of 17 to 25 (JAVA_HOME, or on the path), and Maven.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" "${jdk}jar" mvn; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
version=$("${jdk}java" --version | head -n 1)
[[ $version =~ \ ([0-9]+) && ${BASH_REMATCH[1]} -ge 17 ]] || { echo "Skipped: $version is older than 17."; exit 77; }
major=${BASH_REMATCH[1]}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

for artifact in info.picocli:picocli:4.7.7 commons-cli:commons-cli:1.11.0; do
  mvn -B -q -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    "-Dartifact=$artifact" -DoutputDirectory=lib > maven.log \
    || { cat maven.log; echo 'Skipped: Maven could not fetch the packages.'; exit 77; }
done

cat > Finding.java <<'JAVA'
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Options;
import picocli.CommandLine;

@CommandLine.Command
class Finding implements Runnable {
    @CommandLine.Option(names = "-n")
    int number;

    public void run() {}

    public static void main(String[] args) throws Exception {
        new DefaultParser().parse(new Options().addOption("n", true, "a number"), args);
        System.exit(new CommandLine(new Finding()).execute(args));
    }
}
JAVA
"${jdk}javac" -proc:none -cp 'lib/*' -d classes Finding.java
"${jdk}jar" -c -f finding.jar -C classes .

run() {
  "${jdk}java" "$@" -cp finding.jar:lib/picocli-4.7.7.jar:lib/commons-cli-1.11.0.jar Finding -n 7
}
run -XX:ArchiveClassesAtExit=finding.jsa -Xlog:disable > log 2>&1
[[ -s finding.jsa ]] || { cat log; echo 'Changed: this JVM wrote no archive.'; exit 1; }
run -XX:SharedArchiveFile=finding.jsa -Xlog:class+load:file=loaded > log 2>&1

# package NAME: whether its classes come from the archive. What is made while the program runs is in no jar.
package() {
  local archived read
  archived=$(grep -cE "] $1\..*source: shared objects file" loaded || true)
  read=$(grep -cE "] $1\..*source: (file|jar):" loaded || true)
  ((archived + read > 10)) || { echo "$1: only $((archived + read)) classes"; return; }
  if ((archived == 0)); then
    echo "$1: none is in the archive"
  elif ((read == 0)); then
    echo "$1: all are in the archive"
  else
    echo "$1: some are in the archive"
  fi
}
{
  package org.apache.commons.cli
  package picocli
} > seen
{
  echo 'org.apache.commons.cli: all are in the archive'
  if ((major < 25)); then echo 'picocli: none is in the archive'; else echo 'picocli: some are in the archive'; fi
} > expected
cat seen
diff -u expected seen || { echo "Changed: $version archives other classes."; exit 1; }
