#!/usr/bin/env bash
# Spring Statemachine makes texts of all its states when a machine is started, though its log is off.
#
# Seen:     spring-statemachine-core 4.0.2, 2026-11-29, Debian 12, OpenJDK 17.0.15, java.util.logging as it comes (INFO).
# Surprise: startReactively() of a machine of forty states asks their ids 370 times for their text, for lines of a level
#           that is not logged; with four states 46 times. The lines are put together before anybody asks for the level,
#           and each has the whole machine in it, with all its states.
# Guessed:  a log line that is not written costs a look at the level, or at most the text of the state that it is about.
# Matters:  to whoever has records, or anything else with a costly toString, as ids of states: in a machine whose ids were
#           records within records, a ninth of the processor time of launches in memory went into these texts. Give ids a
#           short toString of their own, or take an enum.
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
import java.util.stream.IntStream;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import reactor.core.publisher.Mono;

class Finding {

    static int texts;

    record Id(int number) {
        @Override
        public String toString() {
            texts++;
            return "S" + number;
        }
    }

    public static void main(String[] args) throws Exception {
        for (int states : new int[] {4, 40}) {
            StateMachineBuilder.Builder<Id, String> builder = StateMachineBuilder.builder();
            var configurer = builder.configureStates().withStates().initial(new Id(0));
            IntStream.range(0, states).forEach(number -> configurer.state(new Id(number)));
            builder.configureTransitions()
                    .withExternal().source(new Id(0)).target(new Id(1)).event("GO");
            StateMachine<Id, String> machine = builder.build();

            texts = 0;
            machine.startReactively().block();
            int start = texts;
            texts = 0;
            machine.sendEvent(Mono.just(MessageBuilder.withPayload("GO").build())).blockLast();
            System.out.println(states + " states: " + start + " texts at start, " + texts + " at an event, now in "
                    + machine.getState().getId());
        }
    }
}
JAVA

cat > expected <<'TEXT'
4 states: 46 texts at start, 2 at an event, now in S1
40 states: 370 texts at start, 2 at an event, now in S1
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: other texts are made, or none.'; exit 1; }
