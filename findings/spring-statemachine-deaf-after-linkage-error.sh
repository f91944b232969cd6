#!/usr/bin/env bash
# One LinkageError in an action leaves Spring Statemachine deaf: it answers ACCEPTED for ever and never moves again.
#
# Seen:     spring-statemachine-core 4.0.2 with reactor-core 3.7.19, 2026-11-28, Debian 12, OpenJDK 17.0.15.
# Surprise: an exception or an AssertionError in the action of a transition denies that event, and the next one works.
#           A NoClassDefFoundError (a LinkageError, as a missing optional library gives) comes out of sendEvent; after
#           it every valid event is ACCEPTED and none is carried out. hasStateMachineError() is false.
# Guessed:  every Throwable is handled alike; or the machine is stopped or in error after the bad one.
# Matters:  to whoever calls an optional or native library from an action: on the one host where it is missing the
#           machine stands still and reports success. Catch Throwable in each action and make it an event.
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
        afterThrowing(new IllegalStateException());
        afterThrowing(new AssertionError());
        afterThrowing(new NoClassDefFoundError());
    }

    static void afterThrowing(Throwable thrown) throws Exception {
        StateMachine<String, String> machine = machine(thrown);
        machine.startReactively().block();
        System.out.println(thrown.getClass().getSimpleName() + ":");
        System.out.println("  FAIL " + send(machine, "FAIL"));
        System.out.println("  GO " + send(machine, "GO"));
        System.out.println("  hasStateMachineError " + machine.hasStateMachineError());
    }

    static String send(StateMachine<String, String> machine, String event) {
        Object answer;
        try {
            var message = MessageBuilder.withPayload(event).build();
            answer = machine.sendEvent(Mono.just(message)).blockLast().getResultType();
        } catch (Error e) {
            answer = "thrown";
        }
        return answer + ", state " + machine.getState().getId();
    }

    static StateMachine<String, String> machine(Throwable thrown) throws Exception {
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates().withStates().initial("OLD").state("NEW");
        builder.configureTransitions()
                .withExternal().source("OLD").target("NEW").event("GO")
                .and()
                .withExternal().source("OLD").target("NEW").event("FAIL").action(context -> {
                    if (thrown instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) thrown;
                });
        return builder.build();
    }
}
JAVA

cat > expected <<'TEXT'
IllegalStateException:
  FAIL DENIED, state OLD
  GO ACCEPTED, state NEW
  hasStateMachineError false
AssertionError:
  FAIL DENIED, state OLD
  GO ACCEPTED, state NEW
  hasStateMachineError false
NoClassDefFoundError:
  FAIL thrown, state OLD
  GO ACCEPTED, state OLD
  hasStateMachineError false
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: Spring Statemachine goes on otherwise after an Error.'; exit 1; }
