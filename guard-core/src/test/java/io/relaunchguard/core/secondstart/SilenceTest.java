package io.relaunchguard.core.secondstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.Silence.Judgement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That a process may be offered to be ended takes a positive proof. */
@Tag("H29")
@Tag("H38")
class SilenceTest {

    private static final Path SOCKET = Path.of("/profile/socket");
    private static final ProcessIdentity HOLDER = process(4711, "100", ExecutionState.RUNNING);
    private static final Observation<ProcessIdentity> IDLE = Observation.seen(HOLDER);
    private static final Observation<ProcessIdentity> STOPPED =
            Observation.seen(process(4711, "100", ExecutionState.STOPPED));
    private static final Observation<Long> IT = Observation.seen(4711L);
    private static final Observation<Boolean> NONE = Observation.seen(false);
    private static final HandOver READ = new HandOver.Unanswered(true, SOCKET, "late");
    private static final HandOver NOT_READ = new HandOver.Unanswered(false, SOCKET, "late");

    @Test
    void whoHasReadItAndNeitherAnswersNorDoesAnythingIsEndable() {
        assertThat(judge(READ, IT, IDLE, IDLE, NONE))
                .isEqualTo(new Judgement.Endable(
                        "it has read the request, has not answered in time, and has done nothing for 5000 ms"));
    }

    static Stream<HandOver> answers() {
        return Stream.of(
                READ,
                NOT_READ,
                new HandOver.Accepted(),
                new HandOver.Refused("busy"),
                new HandOver.Elsewhere("it runs on :1"),
                new HandOver.Starting(),
                new HandOver.Closing(false),
                new HandOver.Closing(true),
                new HandOver.NotAsked("denied"),
                new HandOver.Nobody("gone"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void everyOtherAnswerSparesAProcessThatIsNotStopped(HandOver answer) {
        assertThat(judge(answer, IT, IDLE, IDLE, NONE) instanceof Judgement.Endable)
                .isEqualTo(answer == READ);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void whoIsStoppedIsEndableHoweverTheAskingWent(HandOver answer) {
        assertThat(judge(answer, IT, STOPPED, STOPPED, NONE)).isEqualTo(new Judgement.Endable("it is stopped"));
    }

    @Test
    void whoIsStoppedOnlyNowAndThenIsNot() {
        assertThat(judge(NOT_READ, IT, STOPPED, IDLE, NONE)).isInstanceOf(Judgement.Spared.class);
        assertThat(judge(NOT_READ, IT, IDLE, STOPPED, NONE)).isInstanceOf(Judgement.Spared.class);
        assertThat(judge(NOT_READ, IT, STOPPED, STOPPED, Observation.seen(true)))
                .isInstanceOf(Judgement.Spared.class);
    }

    @Test
    void whoIsHeldByADebuggerIsSpared() {
        Observation<ProcessIdentity> traced = Observation.seen(process(4711, "100", ExecutionState.TRACED));
        Judgement spared = new Judgement.Spared("a debugger holds it");
        assertThat(judge(READ, IT, traced, IDLE, NONE)).isEqualTo(spared);
        assertThat(judge(READ, IT, IDLE, traced, NONE)).isEqualTo(spared);
    }

    @Test
    void whoIsAtWorkOrMayBeIsSpared() {
        assertThat(judge(READ, IT, IDLE, IDLE, Observation.seen(true)))
                .isEqualTo(new Judgement.Spared("it is working, or the guard cannot tell whether it is"));
        assertThat(judge(READ, IT, IDLE, IDLE, Observation.unknown("denied"))).isInstanceOf(Judgement.Spared.class);
    }

    @Test
    void anotherListenerThanTheHolderProvesNothing() {
        Judgement spared = new Judgement.Spared("the instance that was asked is not known to be this process");
        assertThat(judge(READ, Observation.seen(4712L), IDLE, IDLE, NONE)).isEqualTo(spared);
        assertThat(judge(READ, Observation.unknown("no SO_PEERCRED"), IDLE, IDLE, NONE))
                .isEqualTo(spared);
    }

    @Test
    void anotherProcessThanTheHolderOrOneThatIsNotSeenIsSpared() {
        Observation<ProcessIdentity> successor = Observation.seen(process(4711, "101", ExecutionState.STOPPED));
        Observation<ProcessIdentity> other = Observation.seen(process(4712, "100", ExecutionState.STOPPED));
        for (Observation<ProcessIdentity> seen : Stream.of(
                        successor,
                        other,
                        Observation.<ProcessIdentity>absent("exited"),
                        Observation.<ProcessIdentity>unknown("?"))
                .toList()) {
            assertThat(judge(READ, IT, seen, IDLE, NONE)).isInstanceOf(Judgement.Spared.class);
            assertThat(judge(READ, IT, IDLE, seen, NONE)).isInstanceOf(Judgement.Spared.class);
        }
    }

    private static Judgement judge(
            HandOver answer,
            Observation<Long> listener,
            Observation<ProcessIdentity> before,
            Observation<ProcessIdentity> after,
            Observation<Boolean> progress) {
        return new Silence(answer, listener, HOLDER, before, after, progress, Duration.ofSeconds(5)).judge();
    }

    private static ProcessIdentity process(long pid, String start, ExecutionState state) {
        return new ProcessIdentity(
                pid,
                start,
                state,
                Observation.seen("1000"),
                Observation.seen("pid:[1]"),
                Observation.seen("/usr/bin/app"),
                Observation.seen(Lineage.UNRELATED));
    }
}
