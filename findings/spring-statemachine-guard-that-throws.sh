#!/usr/bin/env bash
# Spring Statemachine answers ACCEPTED to an event whose guard throws.
#
# Seen:     spring-statemachine-core 4.0.2, 2026-11-28, Debian 12, OpenJDK 17.0.15.
# Surprise: an event is ACCEPTED when some transition of the current state names it, also if that transition's guard
#           is false, and even if the guard throws; the machine stays where it is. DENIED comes when no transition
#           names the event. It also comes when an action throws, though the guard held before it.
#           (That a guard which throws counts as false is meant so upstream, see its issue 206.)
# Guessed:  ACCEPTED means that the transition was made, and a guard that throws is reported somewhere.
# Matters:  to whoever retries, alerts or answers a user by the result type: a broken guard looks like success. Compare
#           the state before and after, or count calls of a listener.
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
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import reactor.core.publisher.Mono;

class Finding {
    public static void main(String[] args) throws Exception {
        for (String event : new String[] {"PLAIN", "GUARD_FALSE", "GUARD_THROWS", "ACTION_THROWS", "NOT_NAMED"}) {
            StateMachine<String, String> machine = machine();
            machine.startReactively().block();
            var result = machine.sendEvent(Mono.just(MessageBuilder.withPayload(event).build())).blockLast();
            System.out.println(event + ": " + result.getResultType() + ", state " + machine.getState().getId());
        }
    }

    static StateMachine<String, String> machine() throws Exception {
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates().withStates().initial("OLD").state("NEW");
        builder.configureTransitions()
                .withExternal().source("OLD").target("NEW").event("PLAIN")
                .and()
                .withExternal().source("OLD").target("NEW").event("GUARD_FALSE").guard(context -> false)
                .and()
                .withExternal().source("OLD").target("NEW").event("GUARD_THROWS").guard(context -> {
                    throw new IllegalStateException("guard");
                })
                .and()
                .withExternal().source("OLD").target("NEW").event("ACTION_THROWS").guard(context -> true)
                .action(context -> {
                    throw new IllegalStateException("action");
                });
        return builder.build();
    }
}
JAVA

cat > expected <<'TEXT'
PLAIN: ACCEPTED, state NEW
GUARD_FALSE: ACCEPTED, state OLD
GUARD_THROWS: ACCEPTED, state OLD
ACTION_THROWS: DENIED, state OLD
NOT_NAMED: DENIED, state OLD
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: Spring Statemachine no longer answers as it did.'; exit 1; }
