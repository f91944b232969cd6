package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.RefusedCalls;
import io.relaunchguard.it.harness.RefusedCalls.Answer;
import io.relaunchguard.it.harness.RefusedCalls.Call;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Launchers whose system calls the kernel refuses, as older kernels and sandboxes do; the holder would be ended otherwise. */
@Needs(Need.SECCOMP)
@Tag("long")
@Tag("H70")
class RefusedCallsIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    void aFreeProfileIsReadyWithoutAllButTheLock() throws Exception {
        Cli.Run run = cli.launchWithout(EnumSet.complementOf(EnumSet.of(Call.FCNTL)), Answer.KILL);

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.json().path("faults")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ENOSYS, Function not implemented", "EPERM, Operation not permitted"})
    void aHolderIsHeldWhereNoneCanBePinned(Answer answer, String meaning) throws Exception {
        ProcessHandle holder = wedgedHolder();

        Cli.Run run = cli.launchWithout(EnumSet.of(Call.PIDFD_OPEN), answer);

        assertHeld(run, holder);
        assertThat(run.reason()).isEqualTo("process-pinned");
        assertThat(summary(run)).endsWith("process %d cannot be pinned: %s.".formatted(holder.pid(), meaning));
        assertThat(run.signals()).isEmpty();

        // The consent is not used up.
        assertThat(cli.launch("--term-grace=PT0.2S").signals())
                .containsExactly("TERM " + holder.pid(), "KILL " + holder.pid());
    }

    @ParameterizedTest
    @CsvSource({"ENOSYS, Function not implemented", "EPERM, Operation not permitted"})
    void aHolderIsHeldWhereNoneCanBeSignalled(Answer answer, String meaning) throws Exception {
        ProcessHandle holder = wedgedHolder();

        Cli.Run run = cli.launchWithout(EnumSet.of(Call.PIDFD_SEND_SIGNAL), answer, "--term-grace=PT0.2S");

        assertHeld(run, holder);
        assertThat(summary(run))
                .endsWith("holds the profile. Could not be sent: SIGTERM (%s), SIGKILL (%s)."
                        .formatted(meaning, meaning));
        assertThat(run.json().path("signals"))
                .allMatch(signal -> signal.path("result").asString().equals("refused"));
    }

    @Test
    void anyProfileIsHeldWhereTheLaunchLockCannotBeTaken() throws Exception {
        String reason = "the launch lock %s cannot be used: Function not implemented"
                .formatted(sandbox.profile().resolve("RelaunchGuard.lock"));

        Cli.Run free = cli.launchWithout(EnumSet.of(Call.FCNTL), Answer.ENOSYS);
        assertThat(free.exitCode()).as(free.out() + free.err()).isEqualTo(ExitCodes.HELD);
        assertThat(summary(free)).contains(reason);

        ProcessHandle holder = wedgedHolder();
        Cli.Run held = cli.launchWithout(EnumSet.of(Call.FCNTL), Answer.ENOSYS);
        assertHeld(held, holder);
        assertThat(summary(held)).contains(reason);
        assertThat(held.signals()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"POLL", "EVENTFD2"})
    void failsBesideAHolderWhoseEndItCannotAwait(Call call) throws Exception {
        ProcessHandle holder = wedgedHolder();

        Cli.Run run = cli.launchWithout(EnumSet.of(call), Answer.ENOSYS);

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCodes.FAILED);
        assertThat(summary(run)).contains("it signalled no process and removed no lock", "Function not implemented");
        assertThat(run.signals()).isEmpty();
        assertIsThere(holder);
    }

    @ParameterizedTest
    @EnumSource(names = {"PIDFD_OPEN", "PIDFD_SEND_SIGNAL"})
    void theNextLaunchCountsOneThatTheKernelEnded(Call call) throws Exception {
        ProcessHandle holder = wedgedHolder();

        Cli.Run ended = cli.launchWithout(EnumSet.of(call), Answer.KILL, "--term-grace=PT0.2S");

        assertThat(ended.exitCode()).as(ended.out() + ended.err()).isEqualTo(RefusedCalls.ENDED_BY_SIGSYS);
        assertIsThere(holder);
        ProfilePorts ports = LaunchGuard.currentPlatform().open(sandbox.profile());
        assertThat(new LaunchHistory(ports.history()).takeUnfinished(ports.host(), ports.processes()))
                .hasSize(1);

        Cli.Run next = cli.launch("--term-grace=PT0.2S");
        assertThat(next.exitCode()).as(next.out() + next.err()).isZero();
        assertThat(next.signals()).contains("KILL " + holder.pid());
        assertThat(Sandbox.isAlive(holder.pid())).isFalse();
    }

    private ProcessHandle wedgedHolder() throws IOException, InterruptedException {
        ProcessHandle holder = sandbox.startOrphan(false);
        sandbox.writeLock(Files.readString(Path.of("/proc/sys/kernel/hostname")).trim() + "-" + holder.pid());
        cli.mark(holder.pid());
        return holder;
    }

    private void assertHeld(Cli.Run run, ProcessHandle holder) {
        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCodes.HELD);
        assertThat(run.json().path("faults")).isEmpty();
        assertIsThere(holder);
    }

    private void assertIsThere(ProcessHandle holder) {
        assertThat(Sandbox.isAlive(holder.pid())).isTrue();
        assertThat(sandbox.lockTarget()).isPresent();
    }

    private static String summary(Cli.Run run) {
        return run.json().path("summary").asString();
    }
}
