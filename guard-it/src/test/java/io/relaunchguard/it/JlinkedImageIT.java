package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.it.secondstart.RunningApplication;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application with a runtime that jlink made for it, without the module that tells who is at the other end of a socket. */
@Tag("long")
@Tag("H29")
@Tag("H38")
@Needs(Need.JLINK)
class JlinkedImageIT {

    private static final String MODULES =
            "java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.sql,jdk.unsupported";
    private static final Path JDK = Path.of(System.getProperty("java.home"));
    private static final String TOLD = "this Java runtime has no module jdk.net";

    @TempDir
    private static Path images;

    private static Path image;

    private Sandbox sandbox;

    @BeforeAll
    static void link() throws Exception {
        image = images.resolve("image");
        Process jlink = new ProcessBuilder(
                        JDK.resolve("bin/jlink").toString(),
                        "--add-modules",
                        MODULES,
                        "--strip-debug",
                        "--no-header-files",
                        "--no-man-pages",
                        "--output",
                        image.toString())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(images.resolve("jlink.out").toFile()))
                .start();
        assertThat(jlink.waitFor(300, SECONDS)).isTrue();
        assertThat(jlink.exitValue()).as(images.resolve("jlink.out").toString()).isZero();
        assertThat(image.resolve("release")).content().doesNotContain("jdk.net");
    }

    @BeforeEach
    void open() {
        sandbox = new Sandbox();
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @Test
    void aRunningInstanceSaysThatItCannotListenAndRunsOn() throws Exception {
        Process running = run(image, "running");
        assertThat(said("running")).contains(TOLD);

        Process second = start(JDK, "second");

        assertThat(second.waitFor(60, SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(3);
        assertThat(said("second"))
                .contains("no instance listens on this profile")
                .doesNotContain("hangs");
        assertThat(running.isAlive()).isTrue();
    }

    @Test
    void aSecondStartSaysThatItCouldNotAsk() throws Exception {
        Process running = run(JDK, "running");

        Process second = start(image, "second");

        assertThat(second.waitFor(60, SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(3);
        assertThat(said("second")).contains("it could not be asked: " + TOLD).doesNotContain("hangs");
        assertThat(said("running")).doesNotContain("heard", TOLD);
        assertThat(running.isAlive()).isTrue();
    }

    private Process run(Path java, String name) throws IOException {
        Process running = start(java, name);
        await().atMost(60, SECONDS).until(() -> said(name).contains("ready"));
        sandbox.writeLock(LaunchGuard.currentPlatform()
                        .open(sandbox.profile())
                        .host()
                        .read()
                        .host()
                        .toOptional()
                        .orElseThrow()
                + "-" + running.pid());
        return running;
    }

    private Process start(Path java, String name) throws IOException {
        return sandbox.start(
                name,
                List.of(
                        java.resolve("bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunningApplication.class.getName(),
                        "--relaunch-guard.profile=" + sandbox.profile(),
                        "--relaunch-guard.second-start.enabled=true"));
    }

    private String said(String name) throws IOException {
        return sandbox.output(name + ".out") + sandbox.output(name + ".err");
    }
}
