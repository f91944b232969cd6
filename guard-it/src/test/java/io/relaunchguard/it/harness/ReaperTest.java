package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a test has started and made goes even if its JVM is killed. */
class ReaperTest {

    @Test
    void endsAndDeletesWhatAJvmThatWasKilledHasLeft() throws Exception {
        Process jvm = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Abandoning.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = jvm.inputReader();
        long orphan = Long.parseLong(said.readLine());
        Path folder = Path.of(said.readLine());
        assertThat(Sandbox.isAlive(orphan)).isTrue();
        assertThat(folder).isDirectory();

        jvm.destroyForcibly().waitFor();

        await().atMost(60, SECONDS).until(() -> !Sandbox.isAlive(orphan) && !Files.exists(folder));
    }

    /** A JVM of tests that stands still. */
    static final class Abandoning {

        private Abandoning() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Sandbox sandbox = new Sandbox();
            System.out.println(sandbox.startOrphan(false).pid());
            System.out.println(sandbox.root());
            new CountDownLatch(1).await();
        }
    }
}
