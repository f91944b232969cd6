package io.relaunchguard.it.crash;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.LauncherJvm;
import io.relaunchguard.it.harness.Sandbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Launchers on one profile, each in a process of its own, let go all at once. */
@Tag("long")
class ManyLaunchersIT {

    @TempDir
    private static Path directory;

    private static LauncherJvm jvm;

    private record Launcher(Process process, BufferedReader output, Path errors) {

        void assertThatItSays(String line) throws IOException {
            assertThat(output.readLine()).as(Files.readString(errors)).isEqualTo(line);
        }

        String answer() throws IOException {
            String answer = output.readLine();
            assertThat(answer).as(Files.readString(errors)).isNotNull();
            return answer;
        }

        void order(String order) throws IOException {
            OutputStream input = process.getOutputStream();
            input.write((order + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        }
    }

    @BeforeAll
    static void train() throws Exception {
        jvm = new LauncherJvm(ContendingLauncher.class, directory);
        try (Sandbox training = new Sandbox()) {
            jvm.train(training, training.profile().toString());
        }
    }

    /** The same launchers three times, on a new profile each time: most of the time goes into starting them. */
    @ParameterizedTest
    @ValueSource(ints = {2, 8, 32})
    @Tag("H07")
    void oneOfManyStartsAtATimeAndOneEndsTheWedgedHolder(int number) throws Exception {
        try (Sandbox home = new Sandbox()) {
            List<Launcher> launchers = start(number, home);
            theyStartInTurnWhenEachLetsTheNextGoOn(launchers);
            oneEndsTheWedgedHolderAndStaysAndTheOthersAreHeld(launchers);
            oneStaysOnAFreeProfileAndTheOthersAreHeld(launchers);
            end(launchers);
        }
    }

    private static void theyStartInTurnWhenEachLetsTheNextGoOn(List<Launcher> launchers) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Process holder = wedgedHolder(sandbox);

            List<String> told = run(launchers, sandbox, ContendingLauncher.Use.PASSES_ON);

            assertThat(told).hasSameSizeAs(launchers).allMatch(line -> line.startsWith("READY"));
            assertThat(told)
                    .filteredOn(line -> !line.equals("READY"))
                    .containsExactly("READY TERM %1$d KILL %1$d".formatted(holder.pid()));
            assertThatTheHolderWasAskedOnceAndForced(sandbox, holder);
        }
    }

    private static void oneEndsTheWedgedHolderAndStaysAndTheOthersAreHeld(List<Launcher> launchers) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Process holder = wedgedHolder(sandbox);

            List<String> told = run(launchers, sandbox, ContendingLauncher.Use.STAYS);

            assertThat(told).filteredOn(line -> line.equals("HELD")).hasSize(launchers.size() - 1);
            assertThat(told)
                    .filteredOn(line -> !line.equals("HELD"))
                    .containsExactly("READY TERM %1$d KILL %1$d".formatted(holder.pid()));
            assertThatTheHolderWasAskedOnceAndForced(sandbox, holder);
            assertThat(sandbox.snapshot().keySet())
                    .containsExactlyInAnyOrder(
                            "",
                            "RelaunchGuard.history",
                            "RelaunchGuard.instance",
                            "RelaunchGuard.lock",
                            "SingletonLock");
        }
    }

    private static void oneStaysOnAFreeProfileAndTheOthersAreHeld(List<Launcher> launchers) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            List<String> told = run(launchers, sandbox, ContendingLauncher.Use.STAYS);

            assertThat(told).filteredOn(line -> line.equals("READY")).hasSize(1);
            assertThat(told).filteredOn(line -> line.equals("HELD")).hasSize(launchers.size() - 1);
        }
    }

    private static Process wedgedHolder(Sandbox sandbox) throws IOException {
        Process holder = sandbox.startUnheeding("holder");
        sandbox.writeLock(CrashScenario.hostName() + "-" + holder.pid());
        CrashScenario.consent(sandbox, holder.toHandle());
        return holder;
    }

    private static List<Launcher> start(int number, Sandbox home) throws IOException {
        List<Launcher> launchers = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            Path errors = home.root().resolve("launcher-" + i + ".err");
            Process process = home.start(
                    new ProcessBuilder(jvm.command(home.profile().toString())).redirectError(errors.toFile()));
            launchers.add(new Launcher(process, process.inputReader(), errors));
        }
        for (Launcher launcher : launchers) {
            launcher.assertThatItSays("there");
        }
        return launchers;
    }

    /** Lets them go, and returns what they told, sorted. */
    private static List<String> run(List<Launcher> launchers, Sandbox sandbox, ContendingLauncher.Use use)
            throws IOException {
        for (Launcher launcher : launchers) {
            launcher.order(sandbox.profile() + " " + use);
        }
        List<String> told = new ArrayList<>();
        for (Launcher launcher : launchers) {
            told.add(launcher.answer());
        }
        Collections.sort(told);
        return told;
    }

    private static void end(List<Launcher> launchers) throws Exception {
        for (Launcher launcher : launchers) {
            launcher.process().getOutputStream().close();
            assertThat(launcher.process().waitFor(60, SECONDS)).isTrue();
            assertThat(launcher.process().exitValue())
                    .as(Files.readString(launcher.errors()))
                    .isZero();
        }
    }

    private static void assertThatTheHolderWasAskedOnceAndForced(Sandbox sandbox, Process holder) throws Exception {
        assertThat(holder.waitFor()).as("ended by force").isEqualTo(137);
        assertThat(sandbox.output("holder.out")).isEqualTo("ready\nTERM\n");
    }
}
