package io.relaunchguard.it.crash;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.LauncherJvm;
import io.relaunchguard.it.harness.Sandbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Launchers on one profile, each in a process of its own, let go all at once. */
class ManyLaunchersIT {

    @TempDir
    private static Path directory;

    private static LauncherJvm jvm;

    private Sandbox sandbox;

    private record Launcher(Process process, BufferedReader output) {

        void go() throws IOException {
            OutputStream input = process.getOutputStream();
            input.write('\n');
            input.flush();
        }
    }

    @BeforeAll
    static void train() throws Exception {
        jvm = new LauncherJvm(ContendingLauncher.class, directory);
        try (Sandbox training = new Sandbox()) {
            jvm.train(training, training.profile().toString(), "PASSES_ON");
        }
    }

    @BeforeEach
    void open() throws IOException {
        sandbox = new Sandbox();
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8, 32})
    @Tag("H07")
    void oneOfThemEndsTheWedgedHolderAndStartsAndTheOthersAreHeld(int number) throws Exception {
        Process holder = wedgedHolder();

        List<String> told = run(number, ContendingLauncher.Use.STAYS);

        assertThat(told).filteredOn(line -> line.equals("HELD")).hasSize(number - 1);
        assertThat(told)
                .filteredOn(line -> !line.equals("HELD"))
                .containsExactly("READY TERM %1$d KILL %1$d".formatted(holder.pid()));
        assertThatTheHolderWasAskedOnceAndForced(holder);
        assertThat(sandbox.snapshot().keySet())
                .containsExactlyInAnyOrder(
                        "",
                        "RelaunchGuard.history",
                        "RelaunchGuard.instance",
                        "RelaunchGuard.instance.lock",
                        "RelaunchGuard.lock",
                        "SingletonLock");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8, 32})
    @Tag("H07")
    void theyStartInTurnWhenEachLetsTheNextGoOn(int number) throws Exception {
        Process holder = wedgedHolder();

        List<String> told = run(number, ContendingLauncher.Use.PASSES_ON);

        assertThat(told).hasSize(number).allMatch(line -> line.startsWith("READY"));
        assertThat(told)
                .filteredOn(line -> !line.equals("READY"))
                .containsExactly("READY TERM %1$d KILL %1$d".formatted(holder.pid()));
        assertThatTheHolderWasAskedOnceAndForced(holder);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8, 32})
    @Tag("H07")
    void oneOfThemStartsOnAFreeProfile(int number) throws Exception {
        List<String> told = run(number, ContendingLauncher.Use.STAYS);

        assertThat(told).filteredOn(line -> line.equals("READY")).hasSize(1);
        assertThat(told).filteredOn(line -> line.equals("HELD")).hasSize(number - 1);
    }

    private Process wedgedHolder() throws IOException {
        Process holder = sandbox.startUnheeding("holder");
        sandbox.writeLock(CrashScenario.hostName() + "-" + holder.pid());
        CrashScenario.consent(sandbox, holder.toHandle());
        return holder;
    }

    /** Lets them go, and returns what they told. */
    private List<String> run(int number, ContendingLauncher.Use use) throws Exception {
        List<Launcher> launchers = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            Process process = sandbox.start(new ProcessBuilder(
                            jvm.command(sandbox.profile().toString(), use.name()))
                    .redirectError(
                            sandbox.root().resolve("launcher-" + i + ".err").toFile()));
            launchers.add(new Launcher(process, process.inputReader()));
        }
        for (Launcher launcher : launchers) {
            assertThat(launcher.output().readLine()).isEqualTo("there");
        }
        for (Launcher launcher : launchers) {
            launcher.go();
        }
        List<String> told = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            String line = launchers.get(i).output().readLine();
            assertThat(line).as(sandbox.output("launcher-" + i + ".err")).isNotNull();
            told.add(line);
        }
        for (int i = 0; i < number; i++) {
            Process process = launchers.get(i).process();
            process.getOutputStream().close();
            assertThat(process.waitFor(60, SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(sandbox.output("launcher-" + i + ".err"))
                    .isZero();
        }
        Collections.sort(told);
        return told;
    }

    private void assertThatTheHolderWasAskedOnceAndForced(Process holder) throws Exception {
        assertThat(holder.waitFor()).as("ended by force").isEqualTo(137);
        assertThat(sandbox.output("holder.out")).isEqualTo("ready\nTERM\n");
    }
}
