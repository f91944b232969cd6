#!/usr/bin/env bash
# Spring Statemachine enters a state whose entry action throws, and reports no machine error.
#
# Seen:     spring-statemachine-core 4.0.2, 2026-11-28, Debian 12, OpenJDK 17.0.15.
# Surprise: when an entry action throws, the state is entered all the same, the event is ACCEPTED,
#           hasStateMachineError() is false and the listener's stateMachineError() is not called. The exception is in
#           one place only: in complete() of the event's result, which must be subscribed to or blocked on.
# Guessed:  an entry action that fails fails the transition, as the action of a transition does; or it leaves the
#           machine in error.
# Matters:  to whoever keeps the work of a state in its entry action: the work was not done, the machine says that it is
#           in the state, and nothing that one usually watches tells. Catch in the action and send an event for it.
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
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import org.springframework.statemachine.listener.StateMachineListenerAdapter;
import reactor.core.publisher.Mono;

class Finding {
    public static void main(String[] args) throws Exception {
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates().withStates().initial("OLD").stateEntry("NEW", context -> {
            throw new IllegalStateException("entry");
        });
        builder.configureTransitions().withExternal().source("OLD").target("NEW").event("GO");
        StateMachine<String, String> machine = builder.build();
        AtomicInteger reported = new AtomicInteger();
        machine.addStateListener(new StateMachineListenerAdapter<>() {
            @Override
            public void stateMachineError(StateMachine<String, String> failed, Exception exception) {
                reported.incrementAndGet();
            }
        });
        machine.startReactively().block();

        var result = machine.sendEvent(Mono.just(MessageBuilder.withPayload("GO").build())).blockLast();
        System.out.println("result: " + result.getResultType());
        System.out.println("state: " + machine.getState().getId());
        System.out.println("hasStateMachineError: " + machine.hasStateMachineError());
        System.out.println("stateMachineError called: " + reported.get());
        try {
            result.complete().block();
            System.out.println("complete: without an error");
        } catch (RuntimeException e) {
            System.out.println("complete: " + e.getClass().getSimpleName());
        }
    }
}
JAVA

cat > expected <<'TEXT'
result: ACCEPTED
state: NEW
hasStateMachineError: false
stateMachineError called: 0
complete: StateMachineException
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: the exception of an entry action is told in another way.'; exit 1; }
