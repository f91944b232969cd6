#!/usr/bin/env bash
# SIGTERM ends a JVM with JCEF in it with exit code 0 and runs no shutdown hook.
#
# Seen:     jcefmaven 146.0.10 (CEF and Chromium 146), 2026-11-28, Debian 12, OpenJDK 17.0.15, Xvfb 21.1.7.
# Surprise: when CEF is initialised it takes the process's SIGTERM from the JVM. From then on SIGTERM closes the
#           browser and ends the process with exit code 0: no shutdown hook runs, as if it were Runtime.halt(0). Set
#           anew with sun.misc.Signal after CEF is initialised, to System.exit, the hooks run again.
# Guessed:  a JVM that is sent SIGTERM runs its shutdown hooks and ends with 143, whatever libraries it loaded.
# Matters:  to whoever relies on hooks when the session or a supervisor ends the application: nothing is saved, no
#           Spring context is closed, no lock or marker file removed; and the exit code calls that a success.
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
jvm=
display=
clean() {
  for process in $jvm $display; do
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
import me.friwi.jcefmaven.CefAppBuilder;
import me.friwi.jcefmaven.MavenCefAppHandlerAdapter;
import org.cef.CefApp.CefAppState;

class Finding {
    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("HOOK")));
        if (args[0].equals("plain")) {
            System.out.println("READY");
        } else {
            CefAppBuilder builder = new CefAppBuilder();
            builder.setInstallDir(new File("cef"));
            builder.addJcefArgs("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run");
            builder.getCefSettings().windowless_rendering_enabled = false;
            builder.getCefSettings().root_cache_path = new File(args[0]).getAbsolutePath();
            builder.setAppHandler(new MavenCefAppHandlerAdapter() {
                @Override
                public void stateHasChanged(CefAppState state) {
                    if (state == CefAppState.INITIALIZED) {
                        if (args[0].equals("anew")) {
                            sun.misc.Signal.handle(new sun.misc.Signal("TERM"), signal -> System.exit(143));
                        }
                        System.out.println("READY");
                    }
                }
            });
            builder.build().createClient();
        }
        Thread.currentThread().join();
    }
}
JAVA

cat > expected <<'TEXT'
without CEF: exit code 143, hooks run
with CEF: exit code 0, no hook run
with CEF, SIGTERM handled anew: exit code 143, hooks run
TEXT

"${jdk}javac" -XDignore.symbol.file -cp 'lib/*' -d classes Finding.java 2> log || { cat log; exit 1; }
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

end_by_sigterm() {
  local code=0 hooks='no hook run'
  "${jdk}java" -Djava.io.tmpdir="$temp" -cp 'classes:lib/*' Finding "$1" > out 2> log &
  jvm=$!
  await grep -q READY out
  kill -TERM "$jvm"
  wait "$jvm" || code=$?
  jvm=
  ! grep -q HOOK out || hooks='hooks run'
  echo "$2: exit code $code, $hooks"
}
{
  end_by_sigterm plain 'without CEF'
  end_by_sigterm cef 'with CEF'
  end_by_sigterm anew 'with CEF, SIGTERM handled anew'
} > seen
cat seen
diff -u expected seen || { echo 'Changed: SIGTERM ends a JVM with JCEF otherwise.'; exit 1; }
