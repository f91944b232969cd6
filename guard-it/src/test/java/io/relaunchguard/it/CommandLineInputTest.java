package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.cli.GuardCommand;
import io.relaunchguard.it.harness.Sandbox;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is wrong with a command line is told before anything is done, so that no JVM of its own is needed to see it. */
class CommandLineInputTest {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    launch                                            | Missing required option: '--profile=DIR'
                    launch --profile=PROFILE --no-such-option         | Unknown option: '--no-such-option'
                    launch --profile=ROOT/missing                     | does not exist. Check the path, or create
                    launch --profile=ROOT/file                        | is not a directory
                    launch --profile=PROFILE --teardown-grace=soon    | Invalid value for option '--teardown-grace': "soon" is not a time. Write it like 500ms
                    launch --profile=PROFILE --term-grace=            | "" is not a time
                    launch --profile=PROFILE --term-grace=1.5s        | "1.5s" is not a time
                    launch --profile=PROFILE --term-grace=2w          | "2w" is not a time
                    launch --profile=PROFILE --term-grace=99999999999999999999s | is not a time
                    launch --profile=PROFILE --term-grace=9223372036854775807d  | is not a time
                    launch --profile=PROFILE --term-grace=2h          | term-grace must be above zero and at most PT1H
                    launch --profile=PROFILE --page=4294967376        | is not a port
                    launch --profile=PROFILE --page=x                 | "x" is not a number
                    launch --profile=PROFILE --teardown-grace=PT-1S   | teardown-grace must be above zero
                    launch --profile=PROFILE --teardown-grace=PT30S   | must not be longer than teardown-grace-limit
                    launch --profile=PROFILE -- ROOT/none             | none" cannot be started: there is no such file
                    launch --profile=PROFILE -- ROOT                  | may not execute it, or it is a directory
                    launch --profile=PROFILE -- ROOT/file             | may not execute it, or it is a directory
                    launch --profile=PROFILE -- no-such-program-here  | there is no program of this name in PATH
                    explain --profile=ROOT/missing                    | does not exist
                    mark --profile=PROFILE                            | Missing required option: '--pid=PID'
                    mark --profile=PROFILE --pid=abc                  | "abc" is not a number. Write it with the digits 0 to 9
                    mark --profile=PROFILE --pid=+7                   | "+7" is not a number
                    mark --profile=PROFILE --pid=\u0661\u0662         | is not a number
                    mark --profile=PROFILE --pid=9999999999999999999  | is not a number
                    mark --profile=PROFILE --pid=1                    | 1 is not the PID of an application
                    mark --profile=PROFILE --pid=-1                   | -1 is not the PID of an application
                    mark --profile=PROFILE --pid=4294967298           | 4294967298 is not the PID of an application
                    mark --profile=PROFILE --pid=2147483646           | there is no process 2147483646
                    mark --profile=ROOT/missing --pid=SELF            | does not exist
                    no-such-command                                   | Unmatched argument
                    """)
    void saysWhatIsWrongWithItsInputAndChangesNothing(String line, String message) throws Exception {
        Files.writeString(sandbox.root().resolve("file"), "a file");
        Map<String, String> before = sandbox.snapshot();
        String[] arguments = line.trim()
                .replace("PROFILE", sandbox.profile().toString())
                .replace("ROOT", sandbox.root().toString())
                .replace("SELF", Long.toString(ProcessHandle.current().pid()))
                .split(" ", -1);

        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = new RelaunchGuardCommand()
                .commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));

        int exitCode = GuardCommand.execute(commandLine, arguments);

        assertThat(exitCode).as(err.toString()).isEqualTo(2);
        assertThat(err.toString()).contains(message.trim());
        assertThat(out.toString()).isEmpty();
        assertThat(sandbox.snapshot()).isEqualTo(before);
        assertThat(sandbox.root().resolve("missing")).doesNotExist();
    }

    @Test
    @Tag("H36")
    void takesBackTheConsentOfTheProcessThatItIsToldAndOfNoOther() throws Exception {
        String profile = "--profile=" + sandbox.profile();
        String self = "--pid=" + ProcessHandle.current().pid();
        assertThat(GuardCommand.execute(new RelaunchGuardCommand().commandLine(), "mark", profile, self))
                .isZero();
        Map<String, String> marked = sandbox.snapshot();

        int another = GuardCommand.execute(
                new RelaunchGuardCommand().commandLine(), "mark", profile, "--pid=2147483646", "--withdraw");
        assertThat(another).isZero();
        assertThat(sandbox.snapshot()).isEqualTo(marked);

        int own = GuardCommand.execute(new RelaunchGuardCommand().commandLine(), "mark", profile, self, "--withdraw");
        assertThat(own).isZero();
        assertThat(sandbox.profile()).isEmptyDirectory();
    }

    @Test
    @Tag("H36")
    void takesBackTheClaimOfAProcessBesideTheMarkerOfAnother() throws Exception {
        String profile = "--profile=" + sandbox.profile();
        String self = "--pid=" + ProcessHandle.current().pid();
        String other = "--pid=" + sandbox.startOrphan(true).pid();
        GuardCommand.execute(new RelaunchGuardCommand().commandLine(), "mark", profile, self);
        // As a launcher that was killed leaves it.
        Path claim = sandbox.profile().resolve("RelaunchGuard.claim");
        Files.move(sandbox.profile().resolve("RelaunchGuard.marker"), claim);
        GuardCommand.execute(new RelaunchGuardCommand().commandLine(), "mark", profile, other);

        int own = GuardCommand.execute(new RelaunchGuardCommand().commandLine(), "mark", profile, self, "--withdraw");

        assertThat(own).isZero();
        assertThat(claim).doesNotExist();
        assertThat(sandbox.profile().resolve("RelaunchGuard.marker")).exists();
        int another =
                GuardCommand.execute(new RelaunchGuardCommand().commandLine(), "mark", profile, other, "--withdraw");
        assertThat(another).isZero();
        assertThat(sandbox.profile()).isEmptyDirectory();
    }

    @Test
    @Tag("H36")
    void doesNotSayThatAConsentWhichItCannotJudgeWasTakenBack() throws Exception {
        Files.createDirectory(sandbox.profile().resolve("RelaunchGuard.marker"));
        StringWriter err = new StringWriter();

        int exitCode = GuardCommand.execute(
                new RelaunchGuardCommand().commandLine().setErr(new PrintWriter(err)),
                "mark",
                "--profile=" + sandbox.profile(),
                "--pid=" + ProcessHandle.current().pid(),
                "--withdraw");

        assertThat(exitCode).isEqualTo(4);
        assertThat(err.toString()).contains("may still be in force");
    }
}
