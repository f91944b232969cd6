#!/usr/bin/env bash
# Of several transitions for one state and event whose guards hold, Spring Statemachine takes one at random.
#
# Seen:     spring-statemachine-core 4.0.2, 2026-11-28, Debian 12, OpenJDK 17.0.15.
# Surprise: which of them wins is drawn anew with each machine that is built, also within one JVM and from the same
#           configuration. One machine then keeps to its choice, as long as it lives.
#           (Reported upstream as issue 1012: the executor keeps them in a hash map; the project is archived.)
# Guessed:  the one declared first wins, as the branches of a choice are tried in order; or build() refuses it.
# Matters:  to whoever writes overlapping guards, the second meant as the rest: a test passes with the machine that it
#           builds, and the next start of the application goes another way. Keep one transition for a state and event
#           and branch by a choice, whose order holds.
#
# Needs a JDK of 17 or newer (JAVA_HOME, or on the path) and Maven.
set -euo pipefail

jdk=${JAVA_HOME:+$JAVA_HOME/bin/}
for tool in "${jdk}java" "${jdk}javac" mvn; do
  command -v "$tool" > /dev/null || { echo "Skipped: $tool is missing."; exit 77; }
done
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

cat > pom.xml <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.springframework.statemachine</groupId>
      <artifactId>spring-statemachine-core</artifactId>
      <version>4.0.2</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -B -q -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=compile -DoutputDirectory=lib > maven.log \
  || { cat maven.log; echo 'Skipped: Maven could not fetch the packages.'; exit 77; }

cat > Finding.java <<'JAVA'
import java.util.Set;
import java.util.TreeSet;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import reactor.core.publisher.Mono;

class Finding {
    public static void main(String[] args) throws Exception {
        Set<String> reached = new TreeSet<>();
        boolean constant = true;
        for (int machines = 0; machines < 100; machines++) {
            StateMachine<String, String> machine = machine();
            machine.startReactively().block();
            Set<String> byThisOne = new TreeSet<>();
            for (int rounds = 0; rounds < 10; rounds++) {
                byThisOne.add(send(machine, "GO"));
                send(machine, "BACK");
            }
            reached.addAll(byThisOne);
            constant &= byThisOne.size() == 1;
        }
        System.out.println("reached by 100 machines: " + reached);
        System.out.println("each machine always the same: " + constant);
    }

    static String send(StateMachine<String, String> machine, String event) {
        machine.sendEvent(Mono.just(MessageBuilder.withPayload(event).build())).blockLast();
        return machine.getState().getId();
    }

    static StateMachine<String, String> machine() throws Exception {
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates().withStates().initial("START").state("FIRST").state("SECOND");
        builder.configureTransitions()
                .withExternal().source("START").target("FIRST").event("GO").guard(context -> true)
                .and()
                .withExternal().source("START").target("SECOND").event("GO")
                .and()
                .withExternal().source("FIRST").target("START").event("BACK")
                .and()
                .withExternal().source("SECOND").target("START").event("BACK");
        return builder.build();
    }
}
JAVA

cat > expected <<'TEXT'
reached by 100 machines: [FIRST, SECOND]
each machine always the same: true
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: which transition Spring Statemachine takes is decided otherwise.'; exit 1; }
