#!/usr/bin/env bash
# Spring Statemachine takes the last branch of a choice though its guard is false.
#
# Seen:     spring-statemachine-core 4.0.2, 2026-11-28, Debian 12, OpenJDK 17.0.15.
# Surprise: a choice built of first() and then() only, without last(), is accepted by the builder. When all guards are
#           false, the machine goes to the target of the last then(), after it has asked that branch's guard and been
#           told no. And getTransitions() names the transition into the choice but none of its branches.
# Guessed:  either build() refuses a choice without an else, or the event is denied, or the machine is in error. UML
#           calls a choice without an enabled branch ill-formed.
# Matters:  to whoever guards a dangerous step with the last branch of a choice: the guard guards nothing. End each
#           choice with last(). And a test that walks getTransitions() to hold the machine to a table does not see the
#           branches.
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
import java.util.ArrayList;
import java.util.List;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import org.springframework.statemachine.guard.Guard;
import reactor.core.publisher.Mono;

class Finding {
    public static void main(String[] args) throws Exception {
        List<String> asked = new ArrayList<>();
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates()
                .withStates().initial("START").choice("CHOICE").state("ONE").state("TWO").state("THREE");
        builder.configureTransitions()
                .withExternal().source("START").target("CHOICE").event("GO")
                .and()
                .withChoice().source("CHOICE")
                .first("ONE", no("ONE", asked)).then("TWO", no("TWO", asked)).then("THREE", no("THREE", asked));
        StateMachine<String, String> machine = builder.build();
        machine.startReactively().block();

        var result = machine.sendEvent(Mono.just(MessageBuilder.withPayload("GO").build())).blockLast();
        System.out.println("result: " + result.getResultType());
        System.out.println("guards that said no: " + asked);
        System.out.println("state: " + machine.getState().getId());
        machine.getTransitions().stream()
                .filter(transition -> transition.getTarget() != null && transition.getSource() != null)
                .map(transition -> transition.getSource().getId() + " -> " + transition.getTarget().getId())
                .sorted()
                .forEach(transition -> System.out.println("getTransitions: " + transition));
    }

    static Guard<String, String> no(String branch, List<String> asked) {
        return context -> {
            asked.add(branch);
            return false;
        };
    }
}
JAVA

cat > expected <<'TEXT'
result: ACCEPTED
guards that said no: [ONE, TWO, THREE]
state: THREE
getTransitions: START -> CHOICE
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: a choice without an enabled branch ends otherwise.'; exit 1; }
