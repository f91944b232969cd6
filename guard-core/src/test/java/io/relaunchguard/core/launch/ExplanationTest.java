package io.relaunchguard.core.launch;

import static io.relaunchguard.core.safety.Facts.consenting;
import static io.relaunchguard.core.safety.Facts.consentingBut;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H21")
class ExplanationTest {

    private static final SingletonLock LOCK = new SingletonLock("desk-7", 4711);
    private static final ProcessIdentity HOLDER = new ProcessIdentity(
            4711,
            "8812345",
            ExecutionState.UNINTERRUPTIBLE,
            Observation.seen("1000"),
            Observation.seen("pid:[4026531836]"),
            Observation.seen("/opt/app/app"),
            Observation.seen(Lineage.UNRELATED));
    private static final Verdict REAP = Verdict.judge(consenting());
    private static final Verdict SPARE =
            Verdict.judge(consentingBut(f -> f.insteadOfConsent = new MarkerReading.Absent()));
    private static final SentSignal TERM = new SentSignal(Signal.TERM, 4711, SentSignal.Result.DELIVERED, "");
    private static final SentSignal CONT = new SentSignal(Signal.CONT, 4711, SentSignal.Result.DELIVERED, "");
    private static final SentSignal KILL = new SentSignal(Signal.KILL, 4711, SentSignal.Result.DELIVERED, "");

    @Test
    void saysThatNobodyHeldTheProfile() {
        assertReady(s -> {}, "No other process holds the profile.");
    }

    @Test
    void saysThatTheGuardBrokeThoughTheLaunchIsReady() {
        assertReady(
                s -> s.faults = List.of("no libc", "no clock"),
                "No other process holds the profile. The launch guard failed on the way, but no lock is present: no libc; no clock.");
    }

    @Test
    void saysThatTheHolderEndedByItself() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.holderExited = true;
                },
                "The previous instance, process 4711, ended by itself.");
    }

    @Test
    @Tag("H50")
    void saysWhereTheThreadDumpIs() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.holderExited = true;
                    s.threadDump = Optional.of(Path.of("/p/RelaunchGuard.threads.n"));
                },
                "The previous instance, process 4711, ended by itself. A thread dump of the previous instance at its"
                        + " deadline is in /p/RelaunchGuard.threads.n.");
    }

    @Test
    void saysThatTheHolderEndedWhenAsked() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.holderExited = true;
                    s.signals = List.of(TERM, CONT);
                },
                "The previous instance, process 4711, had consented to end and ended when the guard asked it to.");
    }

    @Test
    void saysThatTheHolderWasForced() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.holderExited = true;
                    s.signals = List.of(TERM, KILL);
                },
                "The previous instance, process 4711, had consented to end but did not follow the request, so the"
                        + " guard ended it by force.");
    }

    @Test
    void doesNotCreditASignalThatNeverArrived() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.holderExited = true;
                    s.signals = List.of(
                            new SentSignal(Signal.TERM, 4711, SentSignal.Result.REFUSED, "Operation not permitted"),
                            new SentSignal(Signal.KILL, 4711, SentSignal.Result.GONE, ""));
                },
                "The previous instance, process 4711, ended by itself.");
    }

    @Test
    void saysOfTheHoldersEndMoreThanOfItsLock() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.holderExited = true;
                    s.removed = Optional.of(new CacheStatus.Stale(LOCK, "process 4711 on this host has exited"));
                },
                "The previous instance, process 4711, ended by itself.");
    }

    @Test
    void saysNotThatAHolderEndedWhoseExitWasNotSeen() {
        assertReady(s -> s.verdict = Optional.of(REAP), "No other process holds the profile.");
    }

    @Test
    void saysNotThatASparedHolderEnded() {
        assertReady(
                s -> {
                    s.verdict = Optional.of(SPARE);
                    s.holderExited = true;
                },
                "No other process holds the profile.");
    }

    @Test
    void saysThatAStaleLockWasRemoved() {
        assertReady(
                s -> s.removed = Optional.of(new CacheStatus.Stale(LOCK, "process 4711 on this host has exited")),
                "The guard removed a stale lock: process 4711 on this host has exited.");
    }

    @Test
    void saysWhatKeptTheProfileFromBeingTaken() {
        assertHeld(
                s -> {
                    s.blocked = Optional.of("another launcher is at work");
                    s.cache = Optional.of(new CacheStatus.Free());
                },
                "The profile is not free: another launcher is at work.",
                "Wait until this has ended, or close the running instance, then start again.");
    }

    @Test
    void saysHowToEndWhatOutlivedItsHolder() {
        assertHeld(
                s -> {
                    s.blocked = Optional.of("processes of the ended instance still have its files open: [12, 13]");
                    s.survivors = List.of(12L, 13L);
                },
                "The profile is not free: processes of the ended instance still have its files open: [12, 13].",
                "Wait until this has ended, or close the running instance, then start again. If these processes do not end, check what they are and end them: kill 12 13");
    }

    @Test
    void saysWhoHoldsTheProfileAndWhyItWasSpared() {
        assertHeld(
                s -> {
                    s.verdict = Optional.of(SPARE);
                    s.cache = Optional.of(new CacheStatus.InUse(LOCK, HOLDER));
                },
                "Process 4711 (/opt/app/app) holds the profile. The guard did not end it, because no process has consented to be ended:"
                        + " there is no consent marker.",
                "Switch to the running instance, or close it, then start again.");
    }

    @Test
    void saysWhoHoldsTheProfileWithoutAVerdictOrItsProgram() {
        ProcessIdentity unnamed = new ProcessIdentity(
                4711,
                "8812345",
                ExecutionState.RUNNING,
                HOLDER.user(),
                HOLDER.pidNamespace(),
                Observation.unknown("permission denied"),
                HOLDER.lineage());

        assertHeld(
                s -> s.cache = Optional.of(new CacheStatus.InUse(LOCK, unnamed)),
                "Process 4711 holds the profile.",
                "Switch to the running instance, or close it, then start again.");
    }

    @Test
    void saysWhatWasSentBeforeTheHolderWasSpared() {
        assertHeld(
                s -> {
                    s.verdict = Optional.of(SPARE);
                    s.cache = Optional.of(new CacheStatus.InUse(LOCK, HOLDER));
                    s.signals = List.of(TERM, CONT);
                },
                "Process 4711 (/opt/app/app) holds the profile. The guard did not end it, because no process has consented to be ended:"
                        + " there is no consent marker. Sent before: SIGTERM, SIGCONT.",
                "Switch to the running instance, or close it, then start again.");
    }

    @Test
    @Tag("H70")
    void saysWhichSignalsWereRefusedAndWhy() {
        assertHeld(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.cache = Optional.of(new CacheStatus.InUse(LOCK, HOLDER));
                    s.signals = List.of(CONT, refused(Signal.TERM), refused(Signal.KILL));
                },
                "Process 4711 (/opt/app/app) holds the profile. Sent before: SIGCONT."
                        + " Could not be sent: SIGTERM (Function not implemented), SIGKILL (Function not implemented).",
                "Switch to the running instance, or close it, then start again.");
    }

    private static SentSignal refused(Signal signal) {
        return new SentSignal(signal, 4711, SentSignal.Result.REFUSED, "Function not implemented");
    }

    @Test
    @Tag("H17")
    void saysThatTheHolderStaysThoughItWasForced() {
        assertHeld(
                s -> {
                    s.verdict = Optional.of(REAP);
                    s.cache = Optional.of(new CacheStatus.InUse(LOCK, HOLDER));
                    s.signals = List.of(TERM, KILL);
                },
                "Process 4711 (/opt/app/app) holds the profile. It had consented to end and the guard used force, but it"
                        + " has not exited (UNINTERRUPTIBLE).",
                "It is probably waiting for a device or a network share. Restart the computer if it does not go away.");
    }

    @Test
    void saysThatAStaleLockCouldNotBeRemoved() {
        assertHeld(
                s -> s.cache = Optional.of(new CacheStatus.Stale(LOCK, "process 4711 on this host has exited")),
                "The lock is stale (process 4711 on this host has exited), but the guard could not remove it.",
                "Check that you may write to the profile directory, then start again.");
    }

    @Test
    void saysWhyItCannotBeTold() {
        assertUntold(
                s -> s.cache = Optional.of(new CacheStatus.Uncertain("the lock is a directory")),
                "the lock is a directory");
    }

    @Test
    void namesNoFileWhereNoneStandsInTheWay() {
        assertHeld(
                s -> {
                    s.cache = Optional.of(new CacheStatus.Uncertain("the lock is a directory"));
                },
                "The guard cannot tell whether another instance uses the profile: the lock is a directory."
                        + " It signalled no process and removed no lock.",
                "Close the other instance if there is one, then start again.");
    }

    @Test
    void saysWhatWasSentBeforeItCouldNotTell() {
        assertHeld(
                s -> {
                    s.cache = Optional.of(new CacheStatus.Uncertain("the lock is a directory"));
                    s.signals = List.of(TERM, CONT);
                },
                "The guard cannot tell whether another instance uses the profile: the lock is a directory."
                        + " Sent before: SIGTERM, SIGCONT.",
                "Close the other instance if there is one, then start again.");
    }

    @Test
    void saysNotThatItRemovedNoLockAfterItRemovedOne() {
        assertHeld(
                s -> {
                    s.cache = Optional.of(new CacheStatus.Uncertain("the lock is a directory"));
                    s.removed = Optional.of(new CacheStatus.Stale(LOCK, "process 4711 on this host has exited"));
                },
                "The guard cannot tell whether another instance uses the profile: the lock is a directory.",
                "Close the other instance if there is one, then start again.");
    }

    @Test
    void saysThatTheLockWasNotLookedAt() {
        assertUntold(s -> {}, "the guard has not read the lock");
    }

    @Test
    void saysThatTheLockKeepsChanging() {
        assertUntold(s -> s.cache = Optional.of(new CacheStatus.Free()), "the lock keeps changing");
    }

    @Test
    void saysWhatBrokeWhenALockIsPresent() {
        String summary =
                "The launch guard failed and could not show that the profile is free: no libc; no clock. From then on it signalled no"
                        + " process and removed no lock.";
        assertThat(explain(Outcome.FAILED, s -> {
                    s.faults = List.of("no libc", "no clock");
                    s.files = List.of("/p/SingletonLock");
                }))
                .isEqualTo(new Explanation(
                        summary,
                        "Fix the cause, then start again. If you are sure that no other instance is running, run this"
                                + " command first: rm -rf '/p/SingletonLock'"));
        assertThat(explain(Outcome.FAILED, s -> s.faults = List.of("no libc", "no clock")))
                .isEqualTo(new Explanation(summary, "Fix the cause, then start again."));
    }

    private static void assertReady(Consumer<StoryFields> change, String summary) {
        assertThat(explain(Outcome.READY, change)).isEqualTo(new Explanation(summary, ""));
    }

    private static void assertHeld(Consumer<StoryFields> change, String summary, String advice) {
        assertThat(explain(Outcome.HELD, change)).isEqualTo(new Explanation(summary, advice));
    }

    private static void assertUntold(Consumer<StoryFields> change, String reason) {
        assertHeld(
                change.andThen(
                        s -> s.files = List.of("/home/me/it's mine/SingletonLock", "/home/me/RelaunchGuard.lock")),
                "The guard cannot tell whether another instance uses the profile: " + reason
                        + ". It signalled no process and removed no lock.",
                "Close the other instance if there is one. If you are sure that there is none, run this command and start"
                        + " again: rm -rf '/home/me/it'\\''s mine/SingletonLock' '/home/me/RelaunchGuard.lock'");
    }

    private static Explanation explain(Outcome outcome, Consumer<StoryFields> change) {
        StoryFields fields = new StoryFields();
        change.accept(fields);
        return Explanation.of(new Explanation.Story(
                outcome,
                fields.verdict,
                fields.holderExited,
                fields.cache,
                fields.removed,
                fields.blocked,
                fields.survivors,
                fields.files,
                fields.signals,
                fields.faults,
                fields.threadDump));
    }

    /** An empty story, one field each to tell more. */
    private static final class StoryFields {

        Optional<Verdict> verdict = Optional.empty();
        boolean holderExited;
        Optional<CacheStatus> cache = Optional.empty();
        Optional<CacheStatus.Stale> removed = Optional.empty();
        Optional<String> blocked = Optional.empty();
        List<Long> survivors = List.of();
        List<String> files = List.of();
        List<SentSignal> signals = List.of();
        List<String> faults = List.of();
        Optional<Path> threadDump = Optional.empty();
    }
}
