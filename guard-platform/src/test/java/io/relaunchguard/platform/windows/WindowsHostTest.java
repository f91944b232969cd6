package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.platform.StartedProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("windows")
class WindowsHostTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    private final WindowsClock clock = new WindowsClock();

    @Test
    void knowsItself() {
        HostIdentity host = new WindowsHost().read();

        assertThat(host.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(host.host().toOptional().orElseThrow()).isNotBlank();
        assertThat(host.bootId().toOptional().orElseThrow()).matches("[0-9]{18}");
        assertThat(host.machineId().toOptional().orElseThrow()).matches("[0-9a-fA-F-]{36}");
        assertThat(host.pidNamespace()).isEqualTo(Observation.seen("windows"));
    }

    @Tag("H14")
    @Test
    void tellsTheSameInEveryProcess() {
        assertThat(processes.jvm(WindowsChild.class, "host").hear())
                .isEqualTo(WindowsChild.withoutPid(new WindowsHost().read()));
    }

    @Tag("H14")
    @Test
    void countsSinceBootAndForBudgets() {
        Duration before = clock.sinceBoot().toOptional().orElseThrow();
        long start = clock.nanoTime();
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();

        assertThat(await(queue, start + Duration.ofMillis(200).toNanos())).isNull();

        assertThat(clock.nanoTime() - start)
                .isBetween(
                        Duration.ofMillis(200).toNanos(), Duration.ofSeconds(3).toNanos());
        assertThat(clock.sinceBoot().toOptional().orElseThrow().minus(before))
                .isBetween(Duration.ofMillis(180), Duration.ofSeconds(3));
    }

    @Test
    void handsOverWhatIsThereWhateverTheDeadline() {
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        queue.add("message");

        assertThat(await(queue, clock.nanoTime() - 1)).isEqualTo("message");
    }

    @Test
    void isFoundHere() {
        assertThat(new WindowsPlatform().isCurrent()).isTrue();
        assertThat(new WindowsPlatform().cacheDirectory()).isAbsolute().isDirectory();
        assertThat(new WindowsPlatform().open(Path.of("x")).profile()).isEqualTo(Path.of("x"));
    }

    private String await(BlockingQueue<String> queue, long deadline) {
        try {
            return clock.poll(queue, deadline);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
