#!/usr/bin/env bash
# The building of a JCEF application succeeds on a profile that another one holds; that it failed is told later.
#
# Seen:     jcefmaven 146.0.10 (CEF and Chromium 146), 2026-11-28, Debian 12, OpenJDK 17.0.15, Xvfb 21.1.7.
# Surprise: with a second application on the root_cache_path of a healthy first one, CefAppBuilder.build() and
#           createClient() return as ever, and throw nothing. INITIALIZATION_FAILED comes to the state handler
#           after that; the JVM goes on with a client that can show nothing, and does not end by itself.
# Guessed:  build() throws when CEF cannot be initialised: it declares a CefInitializationException.
# Matters:  to whoever takes the return of build() for "the browser is there" and tells a user, a supervisor or a
#           waiting updater so. Wait for INITIALIZED or INITIALIZATION_FAILED; one of them comes.
#
# Needs Debian 12 on amd64 or the like with a JDK of 17 or newer that has AWT (JAVA_HOME, or on the path), Maven (148 MB
# are fetched once), Xvfb, and CEF's libraries: libnss3 libgbm1 libasound2 libatk-bridge2.0-0 libcups2 libxkbcommon0
# libxcomposite1 libxdamage1 libxrandr2 libpango-1.0-0 libcairo2.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" mvn Xvfb; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
temp=$(mktemp -d)
jvms=
display=
clean() {
  for process in $jvms $display; do
    kill -KILL "$process" 2> /dev/null || true
    wait "$process" 2> /dev/null || true
  done
  # CEF's helpers may write for some milliseconds more.
  rm -rf "$temp" 2> /dev/null || { sleep 1; rm -rf "$temp"; }
}
trap clean EXIT
cd "$temp"

cat > pom.xml <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>me.friwi</groupId>
      <artifactId>jcefmaven</artifactId>
      <version>146.0.10</version>
    </dependency>
    <dependency>
      <groupId>me.friwi</groupId>
      <artifactId>jcef-natives-linux-amd64</artifactId>
      <version>jcef-d3de827+cef-146.0.10+g8219561+chromium-146.0.7680.179</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -B -q -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=compile -DoutputDirectory=lib > maven.log \
  || { cat maven.log; echo 'Skipped: Maven could not fetch the packages.'; exit 77; }

cat > Finding.java <<'JAVA'
import java.io.File;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import me.friwi.jcefmaven.CefAppBuilder;
import me.friwi.jcefmaven.MavenCefAppHandlerAdapter;
import org.cef.CefApp.CefAppState;
import org.cef.CefClient;

class Finding {
    public static void main(String[] args) throws Exception {
        CompletableFuture<CefAppState> ended = new CompletableFuture<>();
        CefAppBuilder builder = new CefAppBuilder();
        builder.setInstallDir(new File("cef"));
        builder.addJcefArgs("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run");
        builder.getCefSettings().windowless_rendering_enabled = false;
        builder.getCefSettings().root_cache_path = new File("profile").getAbsolutePath();
        builder.setAppHandler(new MavenCefAppHandlerAdapter() {
            @Override
            public void stateHasChanged(CefAppState state) {
                if (state == CefAppState.INITIALIZED || state == CefAppState.INITIALIZATION_FAILED) {
                    ended.complete(state);
                }
            }
        });
        CefClient client = builder.build().createClient();
        System.out.println(args[0] + ": createClient returned " + (client == null ? "nothing" : "a client"));
        System.out.println(args[0] + ": then " + ended.get(60, TimeUnit.SECONDS));
        Thread.currentThread().join();
    }
}
JAVA

cat > expected <<'TEXT'
first: createClient returned a client
first: then INITIALIZED
second: createClient returned a client
second: then INITIALIZATION_FAILED
second: runs on: yes
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java 2> log || { cat log; exit 1; }
Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3> display 2> xvfb.log &
display=$!

# Waits at most 60 seconds for a condition.
await() {
  local end=$((SECONDS + 60))
  until "$@"; do
    ((SECONDS < end)) || { cat log >&2; echo "Skipped: waited in vain for: $*" >&2; exit 77; }
    sleep 0.05
  done
}
await test -s display
DISPLAY=:$(< display)
export DISPLAY HOME=$temp TMPDIR=$temp

start() {
  "${jdk}java" -Djava.io.tmpdir="$temp" -cp 'classes:lib/*' Finding "$1" > "$1.out" 2> log &
  jvms+=" $!"
  await grep -q 'then INITIAL' "$1.out"
  grep "^$1: " "$1.out"
}
{
  start first
  start second
  sleep 2
  if kill -0 "${jvms##* }" 2> /dev/null; then echo 'second: runs on: yes'; else echo 'second: runs on: no'; fi
} > seen
cat seen
diff -u expected seen || { echo 'Changed: JCEF is told otherwise that its profile is taken.'; exit 1; }
