#!/usr/bin/env bash
# What comes while an action runs is not queued by Spring Statemachine: an event is denied, a timer is lost for good.
#
# Seen:     spring-statemachine-core 4.0.2 with reactor-core 3.7.19, 2026-11-28, Debian 12, OpenJDK 17.0.15.
# Surprise: while a blocking action of a transition runs, an event from another thread is answered DENIED, though both
#           the state before and the state after have a transition for it. And timerOnce() that comes due during such an
#           action never fires: the machine stays in the state whose end the timer was to be. All there is of it is an
#           "onErrorDropped" of Reactor in the log, retries exhausted. (Compare upstream's issue 1056.)
# Guessed:  run to completion, as in UML: what comes meanwhile waits until the transition is over.
# Matters:  to whoever bounds a state by a timer, or sends events from several threads: under load, and only then, the
#           deadline never comes. Send all events from one thread with a queue of its own, timers' too.
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import reactor.core.publisher.Mono;

class Finding {
    public static void main(String[] args) throws Exception {
        event();
        System.out.println("timer: state 3 s later " + timer(false));
        System.out.println("timer during an action: state 3 s later " + timer(true));
        System.exit(0);
    }

    static void event() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates().withStates().initial("ONE").state("TWO").state("THREE");
        builder.configureTransitions()
                .withExternal().source("ONE").target("TWO").event("GO").action(context -> {
                    running.countDown();
                    await(end);
                })
                .and()
                .withExternal().source("ONE").target("THREE").event("NEXT")
                .and()
                .withExternal().source("TWO").target("THREE").event("NEXT");
        StateMachine<String, String> machine = builder.build();
        machine.startReactively().block();

        Thread first = new Thread(() -> send(machine, "GO"));
        first.start();
        await(running);
        FutureTask<String> second = new FutureTask<>(() -> send(machine, "NEXT"));
        Thread other = new Thread(second);
        other.start();
        other.join(10_000);
        end.countDown();
        first.join();
        System.out.println("event during an action: " + second.get() + ", then state " + machine.getState().getId());
        System.out.println("event after it: " + send(machine, "NEXT") + ", then state " + machine.getState().getId());
    }

    static String timer(boolean busy) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        StateMachineBuilder.Builder<String, String> builder = StateMachineBuilder.builder();
        builder.configureStates().withStates().initial("ONE").state("TWO").state("THREE");
        builder.configureTransitions()
                .withExternal().source("ONE").target("TWO").event("GO")
                .and()
                .withInternal().source("TWO").event("WORK").action(context -> await(end))
                .and()
                .withExternal().source("TWO").target("THREE").timerOnce(300);
        StateMachine<String, String> machine = builder.build();
        machine.startReactively().block();
        send(machine, "GO");
        if (busy) {
            Thread worker = new Thread(() -> send(machine, "WORK"));
            worker.start();
            worker.join(1000);
            end.countDown();
            worker.join();
        }
        Thread.sleep(3000);
        return machine.getState().getId();
    }

    static String send(StateMachine<String, String> machine, String event) {
        var message = MessageBuilder.withPayload(event).build();
        return machine.sendEvent(Mono.just(message)).blockLast().getResultType().toString();
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
JAVA

cat > expected <<'TEXT'
event during an action: DENIED, then state TWO
event after it: ACCEPTED, then state THREE
timer: state 3 s later THREE
timer during an action: state 3 s later TWO
TEXT

"${jdk}javac" -cp 'lib/*' -d classes Finding.java
"${jdk}java" -cp 'classes:lib/*' Finding > seen 2> log || { cat log; exit 1; }
cat seen
diff -u expected seen || { echo 'Changed: Spring Statemachine treats what comes during an action otherwise.'; exit 1; }
