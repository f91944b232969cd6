package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.Successor;
import io.relaunchguard.platform.StartedProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("H34")
class LinuxSuccessorTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path directory;

    private Path profile;

    @BeforeEach
    void profile() throws IOException {
        profile = Files.createDirectory(directory.resolve("profile"));
    }

    @Test
    void tellsWhatItEndedWithAndWroteAndLeavesNoZombie() throws IOException {
        Successor successor = start("echo first >&2; echo broken >&2; exit 7");

        await().until(() -> successor.exitCode().is(7));

        assertThat(successor.errors()).isEqualTo("first\nbroken");
        assertThat(Path.of("/proc/" + successor.pid())).doesNotExist();
        assertThat(successor.exitCode()).isEqualTo(Observation.seen(7));
    }

    @Test
    void inheritsTheEnvironmentByTheRulesOfTheApplication() throws IOException {
        Successor successor = new LinuxPlatform()
                .withEnvironment(new EnvironmentRules(Set.of(), Set.of("PATH")))
                .startSuccessor(List.of("/bin/sh", "-c", "/usr/bin/env >&2"), directory, profile);

        await().until(() -> successor.exitCode().is(0));

        assertThat(System.getenv("PATH")).isNotEmpty();
        assertThat(successor.errors().lines())
                .noneMatch(line -> line.startsWith("PATH="))
                .isNotEmpty();
    }

    @Test
    void tellsTheSignalThatEndedItAndThatItRuns() throws IOException {
        Successor successor = start("exec sleep 600");
        assertThat(successor.exitCode()).isInstanceOf(Observation.Absent.class);

        StartedProcesses.signal(successor.pid(), "KILL");

        await().until(() -> successor.exitCode().is(128 + 9));
    }

    @Test
    void keepsTheEndOfMuchOutputOnly() throws IOException {
        Successor successor =
                start("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; echo the end >&2");

        await().until(() -> successor.exitCode().is(0));

        assertThat(successor.errors()).hasSizeLessThanOrEqualTo(4096).endsWith("line 1999\nthe end");
    }

    @Test
    void writesBesideTheProfileAndIntoAFileOfItsOwn() throws IOException {
        Path file = directory.resolve("profile" + LinuxSuccessor.ERRORS);
        Files.writeString(file, "of another one");

        Successor successor = start("echo mine >&2");

        await().until(() -> successor.exitCode().is(0));
        assertThat(file).hasContent("mine");
        assertThat(profile).isEmptyDirectory();
    }

    @Test
    void startsItEvenIfItsErrorsCannotBeCaught() throws IOException {
        Path inTheWay = Files.createDirectory(directory.resolve("profile" + LinuxSuccessor.ERRORS));
        Files.createFile(inTheWay.resolve("file"));

        Successor successor = start("exit 3");

        await().until(() -> successor.exitCode().is(3));
        assertThat(successor.errors()).isEmpty();
    }

    @Test
    void saysWhatCannotBeStarted() {
        assertThatIOException()
                .isThrownBy(() -> new LinuxPlatform().startSuccessor(List.of("/no/such/program"), directory, profile))
                .withMessageContaining("\"/no/such/program\" cannot be started: No such file");
    }

    @Tag("H46")
    @Test
    void saysSoWithoutANativeLibrary() {
        assertThat(processes
                        .jvm(
                                List.of(),
                                Map.of("JDK_JAVA_OPTIONS", "-Djna.nosys=true -Djna.noclasspath=true"),
                                "-",
                                profile,
                                "start",
                                "/bin/true")
                        .hear())
                .startsWith("\"/bin/true\" cannot be started: the native library cannot be loaded");
    }

    private Successor start(String script) throws IOException {
        Successor successor = new LinuxPlatform().startSuccessor(List.of("/bin/sh", "-c", script), directory, profile);
        processes.know(successor.pid());
        return successor;
    }
}
